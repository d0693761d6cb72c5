#!/usr/bin/python3
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec=dict(
            name=dict(type="str", required=True),
            times=dict(type="int", default=1),
            fails=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    if module.params["fails"]:
        module.fail_json(msg="no greeting", name=module.params["name"])
    module.exit_json(changed=not module.check_mode, greeting=["hello " + module.params["name"]] * module.params["times"],
                     ansible_facts=dict(greeted=module.params["name"]))


if __name__ == "__main__":
    main()
