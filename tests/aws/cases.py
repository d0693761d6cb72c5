"""What the inventory finds in a moto server that topology.py filled: descriptions, stacks, accounts, pages; then signatures.

usage: cases.py ERTC ENDPOINT MADE [words of names of cases]      MADE: what topology.py printed
"""

import json
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "aws"))
from world import CASES, Wrong, case, equal, failed, fine, main  # noqa: E402

ERTC, ENDPOINT, MADE = sys.argv[1:4]
with open(MADE) as _file:
    MADE = json.load(_file)
HERE = MADE["us-east-1"]
BY_ID = "regions: [us-east-1]\nhostnames: [instance-id]\n"


def moto(world):
    w = world()
    w.env["AWS_ENDPOINT_URL"] = ENDPOINT
    return w


def listed(w, config, *arguments, **env):
    result = w.run("--list", *arguments, config=config, **env)
    fine(result)
    return json.loads(result.out)


def described(w, name, *more):
    whole = listed(w, BY_ID + "describe: [%s]\n" % ", ".join([name, *more]))
    return whole["_meta"]["hostvars"], {name: sorted(group.get("hosts", [])) for name, group in whole.items() if name != "_meta"}


def part(map, *names):
    return {name: map.get(name) for name in names}


# ---- descriptions ----


@case("describe autoscaling")
def _(world):
    hosts, groups = described(moto(world), "autoscaling")
    equal(groups["asg_web_asg"], sorted(HERE["scaled"]), "group")
    told = [part(hosts[name]["auto_scaling"], "group", "lifecycle_state", "health_status", "min_size", "max_size", "desired_capacity")
            for name in HERE["scaled"]]
    sizes = {"min_size": 1, "max_size": 5, "desired_capacity": 2, "group": "web-asg", "health_status": "Healthy"}
    equal(told, [{**sizes, "lifecycle_state": state} for state in ("Standby", "InService", "InService")], "members")
    equal("auto_scaling" in hosts[HERE["web"][0]], False, "of one that is in no group")


@case("in_service_only leaves out the one that stands by, and only it")
def _(world):
    w = moto(world)
    all_hosts = set(listed(w, BY_ID)["_meta"]["hostvars"])
    serving = set(listed(w, BY_ID + "in_service_only: true\n")["_meta"]["hostvars"])
    equal(all_hosts - serving, {HERE["scaled"][0]}, "left out")


@case("describe target_groups")
def _(world):
    hosts, groups = described(moto(world), "target_groups")
    equal(groups["tg_web_tg"], sorted(HERE["web"][:2]), "tg_web_tg")
    equal(groups["lb_front"], sorted(HERE["web"][:2]), "lb_front")
    (target,) = hosts[HERE["web"][0]]["target_groups"]
    equal(part(target, "name", "port", "state", "load_balancers"),
          {"name": "web-tg", "port": 8080, "state": "healthy", "load_balancers": ["front"]}, "target")
    equal("target_groups" in hosts[HERE["web"][2]], False, "of one that is no target")


@case("describe load_balancers")
def _(world):
    hosts, groups = described(moto(world), "load_balancers")
    equal(hosts[HERE["web"][2]]["load_balancers"], ["old-lb"], "load_balancers")
    equal(groups["lb_old_lb"], [HERE["web"][2]], "group")


@case("describe stacks")
def _(world):
    hosts, groups = described(moto(world), "stacks")
    web = HERE["stack_web"][0]
    equal(part(hosts[web]["stack"], "name", "status", "outputs", "parameters"),
          {"name": "live", "status": "CREATE_COMPLETE", "outputs": {"WebId": web}, "parameters": {"Env": "stage"}}, "stack")
    if web not in groups["stack_live"]:
        raise Wrong("stack_live is %r" % groups["stack_live"])
    equal("stack" in hosts[HERE["bastion"][0]], False, "of one without a stack")


@case("describe ecs")
def _(world):
    hosts, groups = described(moto(world), "ecs")
    equal(groups["ecs_boxes"], HERE["plain"], "group")
    equal(part(hosts[HERE["plain"][0]]["ecs"], "cluster", "status", "agent_connected", "running_tasks_count"),
          {"cluster": "boxes", "status": "ACTIVE", "agent_connected": True, "running_tasks_count": 0}, "ecs")


@case("describe subnets")
def _(world):
    hosts, _ = described(moto(world), "subnets")
    equal(part(hosts[HERE["web"][0]]["subnet"], "subnet_id", "cidr_block", "map_public_ip_on_launch"),
          {"subnet_id": HERE["private"], "cidr_block": "10.0.2.0/24", "map_public_ip_on_launch": False}, "subnet")
    equal(hosts[HERE["bastion"][0]]["subnet"]["map_public_ip_on_launch"], True, "of the public one")


@case("describe route_tables: the subnet's own, else the main one")
def _(world):
    hosts, _ = described(moto(world), "route_tables")
    table = hosts[HERE["bastion"][0]]["route_table"]
    equal(table["route_table_id"], HERE["table"], "own")
    equal(any(route.get("gateway_id", "").startswith("igw-") for route in table["routes"]), True, "way out")
    other = hosts[HERE["web"][0]]["route_table"]
    equal((other["route_table_id"] != HERE["table"], [a["main"] for a in other["associations"]]), (True, [True]), "main")


@case("describe security_groups")
def _(world):
    hosts, _ = described(moto(world), "security_groups")
    (group,) = hosts[HERE["web"][0]]["security_group_details"]
    equal(group["group_id"], HERE["web_group"], "group")
    (rule,) = group["ip_permissions"]
    equal((rule["from_port"], rule["to_port"], rule["ip_protocol"]), (22, 22, "tcp"), "rule")
    equal([pair["group_id"] for pair in rule["user_id_group_pairs"]], [HERE["bastion_group"]], "who may")


@case("describe network_acls")
def _(world):
    hosts, _ = described(moto(world), "network_acls")
    acl = hosts[HERE["web"][0]]["network_acl"]
    equal(HERE["private"] in [a["subnet_id"] for a in acl["associations"]], True, "subnet")
    equal({(e["egress"], e["rule_action"]) for e in acl["entries"]}, {(e, a) for e in (True, False) for a in ("allow", "deny")}, "entries")


@case("describe images")
def _(world):
    hosts, _ = described(moto(world), "images")
    image = hosts[HERE["bastion"][0]]["image"]
    equal((bool(image["name"]), bool(image["owner_id"])), (True, True), "image")


@case("describe status: of those that run and of those that do not")
def _(world):
    hosts, _ = described(moto(world), "status")
    equal(hosts[HERE["bastion"][0]]["status_checks"], {"instance": "ok", "system": "ok", "events": []}, "of one that runs")
    equal(hosts[HERE["db"][0]]["status_checks"]["instance"], "not-applicable", "of one that is stopped")


@case("describe launch_templates: only what was launched by one")
def _(world):
    hosts, groups = described(moto(world), "launch_templates")
    tagged = sorted(name for name in hosts if "aws:ec2launchtemplate:id" in hosts[name]["tags"])
    equal(sorted(name for name in hosts if "launch_template" in hosts[name]), tagged, "launched")
    equal(groups.get("lt_web", []), tagged, "group")
    for name in tagged:
        equal(hosts[name]["launch_template"]["launch_template_id"], HERE["template"], name)


@case("describe route53, and names of hosts by it")
def _(world):
    w = moto(world)
    hosts, _ = described(w, "route53")
    told = {name: sorted(host["route53_names"]) for name, host in hosts.items() if "route53_names" in host}
    equal(told, {HERE["bastion"][0]: ["bastion.example.org", "door.example.org"], HERE["web"][0]: ["web.internal.example.org"]}, "names")
    named = listed(w, BY_ID + "route53_enabled: true\nroute53_hostnames: .example.org\nroute53_excluded_zones: [internal.example.org]\n")
    names = named["_meta"]["hostvars"]
    equal([HERE["web"][0] in names, "web.internal.example.org" in names, HERE["bastion"][0] in names], [True, False, False], "hosts")
    equal(len([name for name in names if name.endswith("example.org")]), 1, "names of the bastion")


@case("all descriptions at once are the sum of them")
def _(world):
    w = moto(world)
    names = ["autoscaling", "ecs", "images", "launch_templates", "load_balancers", "network_acls", "route53", "route_tables",
             "security_groups", "stacks", "status", "subnets", "target_groups"]
    together, _ = described(w, *names)
    for name in names:
        alone, _ = described(w, name)
        for host in alone:
            for key, value in alone[host].items():
                if together[host].get(key) != value:
                    raise Wrong("%s: %s of %s is %r, not %r" % (name, key, host, together[host].get(key), value))


# ---- stacks ----


@case("--stack: its hosts alone, groups of its own too, with its variables")
def _(world):
    w = moto(world)
    whole = listed(w, BY_ID, "--stack", "live")
    hosts = whole["_meta"]["hostvars"]
    equal(sorted(hosts), sorted(HERE["stack_web"] + HERE["stack_scaled"]), "hosts")
    for name in hosts:
        equal(part(hosts[name]["stack"], "name", "parameters"), {"name": "live", "parameters": {"Env": "stage"}}, name)


@case("--stack: also where no region is named, in that of the tools")
def _(world):
    w = moto(world)
    hosts = listed(w, "hostnames: [instance-id]\n", "--stack", "live", AWS_REGION="us-east-1")["_meta"]["hostvars"]
    equal(sorted(hosts), sorted(HERE["stack_web"] + HERE["stack_scaled"]), "hosts")


@case("--stack: the region that has it among several")
def _(world):
    w = moto(world)
    hosts = listed(w, "regions: [eu-west-1, us-east-1]\nhostnames: [instance-id]\n", "--stack", "live")["_meta"]["hostvars"]
    equal(sorted(hosts), sorted(HERE["stack_web"] + HERE["stack_scaled"]), "hosts")


@case("--stack: one that is not there is refused")
def _(world):
    w = moto(world)
    failed(w.run("--list", "--stack", "nothing", config=BY_ID), "there is no stack 'nothing'", "us-east-1")


@case("--stack --wait: a stack that is complete is not waited for")
def _(world):
    w = moto(world)
    w.write("site.yml", "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: x}}]\n")
    result = w.play("--stack", "live", "--wait=60", "--list-hosts", "site.yml", config=BY_ID)
    fine(result)
    for name in HERE["stack_web"] + HERE["stack_scaled"]:
        if name not in result.out:
            raise Wrong("%s is not among %s" % (name, result.show()))


# ---- pages, accounts, data ----


@case("1,200 instances on more pages than one")
def _(world):
    w = moto(world)
    hosts = listed(w, "regions: [eu-central-1]\nhostnames: [instance-id]\n")["_meta"]["hostvars"]
    equal(len(hosts), 1200, "hosts")
    names = [hosts[name]["tags"]["Name"] for name in hosts]
    equal(sorted(set(names)), ["many-%04d" % n for n in range(1050)], "names")
    equal(names.count("many-0000"), 151, "of one reservation")


@case("two accounts: ours, and one by its role")
def _(world):
    w = moto(world)
    w.write("home/.aws/credentials", "[own]\naws_access_key_id = AKIAQWERTYUIOPTEST\naws_secret_access_key = hush-secret-of-the-user\n")
    hosts = listed(w, "hostnames: [instance-id]\naccounts:\n  - {name: own, profile: own, regions: [eu-west-1]}\n"
                   "  - {name: theirs, role_arn: '%s', regions: [eu-north-1]}\n" % MADE["role"])["_meta"]["hostvars"]
    told = {name: part(hosts[name], "aws_account_id", "aws_account_name", "aws_account_alias") for name in hosts}
    there = MADE["eu-west-1"]
    own = {"aws_account_id": "123456789012", "aws_account_name": "own", "aws_account_alias": None}
    other = {"aws_account_id": "222233334444", "aws_account_name": "theirs", "aws_account_alias": "the-other"}
    wanted = {name: own for key in ("bastion", "web", "braces") for name in there[key]}
    equal(told, {**wanted, **{name: other for name in MADE["theirs"]}}, "accounts")


@case("the role of a file is assumed")
def _(world):
    w = moto(world)
    hosts = listed(w, "regions: [eu-north-1]\nhostnames: [instance-id]\nassume_role_arn: %s\naccount: '222233334444'\n" % MADE["role"])
    equal(sorted(hosts["_meta"]["hostvars"]), sorted(MADE["theirs"]), "hosts")
    equal({h["owner_id"] for h in hosts["_meta"]["hostvars"].values()}, {"222233334444"}, "owner")
    failed(w.run(config="regions: [eu-north-1]\naccount: '222233334444'\n"), "are of account 123456789012")


@case("braces in tags stay what they are, composed or not")
def _(world):
    w = moto(world)
    (name,) = MADE["eu-west-1"]["braces"]
    whole = listed(w, "regions: [eu-west-1]\nhostnames: [instance-id]\ncompose: {taken: tags.braces, longer: tags.Name ~ '!'}\n"
                   "keyed_groups: [{key: tags.Name, prefix: name}]\n")
    host = whole["_meta"]["hostvars"][name]
    equal(json.dumps(part(host, "taken", "longer")).count("__ansible_unsafe") in (0, 2), True, "form")
    text = json.dumps(host)
    for word in ("{{ 3 * 4 }} {% raw %}", "{{ lookup('pipe', 'id') }}!"):
        if word not in text:
            raise Wrong("no %s in %s" % (word, text))
    if "uid=" in text:
        raise Wrong("evaluated: " + text)


@case("all states: what is gone only when it is asked for")
def _(world):
    w = moto(world)
    hosts = listed(w, BY_ID)["_meta"]["hostvars"]
    equal({hosts[name]["state"]["name"] for name in hosts}, {"running", "stopped"}, "states")
    gone = listed(w, BY_ID + "filters: {instance-state-name: [terminated]}\n")["_meta"]["hostvars"]
    equal(list(gone), HERE["gone"], "gone")


# ---- signatures ----


def post(path, body):
    request = urllib.request.Request(ENDPOINT + path, body, {"Content-Type": "text/plain"}, method="POST")
    urllib.request.urlopen(request).read()


def signed(world, user, secret=None):
    w = moto(world)
    w.env["AWS_ACCESS_KEY_ID"] = MADE[user]["id"] if user in MADE else user
    w.env["AWS_SECRET_ACCESS_KEY"] = secret or MADE[user]["secret"]
    return w


SIGNED = []


def signed_case(name):
    def keep(function):
        SIGNED.append(("signed: " + name, function))
        return function

    return keep


@signed_case("everything that we ask passes")
def _(world):
    w = signed(world, "reader")
    names = "[autoscaling, ecs, images, launch_templates, load_balancers, network_acls, route_tables, security_groups, stacks, status, " \
            "subnets, target_groups]"
    hosts = listed(w, BY_ID + "account: '123456789012'\ndescribe: %s\n" % names)["_meta"]["hostvars"]
    equal("auto_scaling" in hosts[HERE["scaled"][0]], True, "described")
    whole = listed(w, BY_ID, "--stack", "live")["_meta"]["hostvars"]
    equal(len(whole), 3, "of the stack")
    found = listed(w, BY_ID + "filters: {'tag:tag with space': 'a  b ', 'tag:Ümläut': 'größe ☃', 'tag:comma,key': 'a=b,c=d'}\n")
    equal(sorted(found["_meta"]["hostvars"]), sorted(HERE["db"]), "by odd tags")


@signed_case("a wrong secret")
def _(world):
    failed(signed(world, "reader", "hush-wrong").run(config=BY_ID), "AuthFailure", "the keys are wrong", "from the environment")
    failed(signed(world, "reader", "hush-wrong").run(config=BY_ID + "account: '123456789012'\n"),
           "SignatureDoesNotMatch", "the secret key is not that of the access key")


@signed_case("a key that nobody has")
def _(world):
    failed(signed(world, "AKIANOBODYATALL", "hush-wrong").run(config=BY_ID), "AuthFailure", "…TALL from the environment")


@signed_case("no policy")
def _(world):
    result = signed(world, "nobody").run(config=BY_ID)
    failed(result, "the identity needs the permission ec2:DescribeInstances")
    fine(signed(world, "nobody").run(config=BY_ID + "strict_permissions: false\n"), [])


if __name__ == "__main__":
    # One after the other: the last ones change what the server checks.
    CASES.append(("signed: from now on", lambda world: post("/moto-api/reset-auth", b"0")))
    CASES.extend(SIGNED)
    main(ERTC, sys.argv[4:], at_once=1)
