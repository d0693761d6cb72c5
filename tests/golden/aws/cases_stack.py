"""Stacks that are waited for, and descriptions that fail or come in parts."""

import json

from cloud import Reply, fault, instances, query_fault
from world import Wrong, case, equal, failed, fine, said

HOST = "ip-10-0-0-%d.internal"
ID = "i-%017x"
ARN = "arn:aws:cloudformation:eu-west-1:111122223333:stack/live/1"
PLAY = "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: x}}]\n"


def members(*items):
    return "".join("<member>%s</member>" % "".join("<%s>%s</%s>" % (k, v, k) for k, v in item.items()) for item in items)


def stacks(status, **more):
    extra = "".join("<%s>%s</%s>" % (name, text, name) for name, text in more.items())
    return (
        '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>'
        "<StackName>live</StackName><StackId>%s</StackId><StackStatus>%s</StackStatus>%s</member></Stacks></DescribeStacksResult>"
        "</DescribeStacksResponse>" % (ARN, status, extra)
    )


def event(number, status, name, kind="AWS::EC2::Instance", reason="", physical=""):
    return {"EventId": "e%d" % number, "StackId": ARN, "StackName": "live", "LogicalResourceId": name, "ResourceType": kind,
            "PhysicalResourceId": physical or "p-" + name, "ResourceStatus": status, "ResourceStatusReason": reason,
            "Timestamp": "2026-01-02T03:04:%02dZ" % number}


def events(*given):
    """Newest first, as the service gives them."""
    return "<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>%s</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>" % members(
        *reversed(given))


def resources(*given):
    return (
        "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>%s</StackResourceSummaries>"
        "</ListStackResourcesResult></ListStackResourcesResponse>"
        % members(*({"LogicalResourceId": "L", "PhysicalResourceId": name, "ResourceType": kind, "ResourceStatus": "CREATE_COMPLETE"}
                    for kind, name in given))
    )


BEGIN = event(1, "CREATE_IN_PROGRESS", "live", "AWS::CloudFormation::Stack", physical=ARN)
NOT_THERE = query_fault("ValidationError", "Stack with id live does not exist", 400)


def service(looks, all_events=(), instance_pages=None, tree=None):
    """looks: what each DescribeStacks finds, the last for ever; each sees one event more than the one before."""
    tree = tree or {"live": [("AWS::EC2::Instance", ID % 1)]}
    seen = [0]

    def script(request):
        if request.action == "DescribeStacks":
            seen[0] = min(seen[0] + 1, len(looks))
            found = looks[seen[0] - 1]
            return found if isinstance(found, Reply) else stacks(*found) if isinstance(found, tuple) else stacks(found)
        if request.action == "DescribeStackEvents":
            return events(BEGIN, *all_events[: seen[0]])
        if request.action == "ListStackResources":
            return resources(*tree[request.form["StackName"]])
        if request.action == "DescribeInstances":
            return instance_pages(request) if instance_pages else instances([1, 2])
        return fault("Unexpected" + request.action)

    return script


def waited(world, script, wait="60", **env):
    w = world(script)
    w.write("site.yml", PLAY)
    return w, w.play("--stack", "live", "--wait=" + wait, "--list-hosts", "site.yml", **env)


def stopped(result, *words, code):
    """Ended without hosts; events may have been told before."""
    equal(result.code, code, result.show() + " exit")
    said(result, *words)
    if ".internal" in result.out:
        raise Wrong("hosts in spite of it: " + result.show())


@case("stack: not there, then made, then complete: events are told once, in order")
def _(world):
    w, result = waited(world, service(
        [NOT_THERE, "CREATE_IN_PROGRESS", "CREATE_COMPLETE"],
        [event(2, "CREATE_IN_PROGRESS", "Web"), event(3, "CREATE_COMPLETE", "Web"), event(4, "CREATE_COMPLETE", "live")]))
    equal(result.code, 0, result.show() + " exit")
    whole = result.out + " " + result.err
    if HOST % 1 not in result.out or HOST % 2 in result.out:
        raise Wrong("not the stack's hosts: " + result.show())
    told = ["03:04:01", "03:04:02", "03:04:03", "03:04:04"]
    equal([whole.count(time) for time in told], [1, 1, 1, 1], "events in %s" % whole)
    equal(sorted(told, key=whole.index), told, "order")


@case("stack: rolled back: the first cause is told, exit 2")
def _(world):
    w, result = waited(world, service(
        ["ROLLBACK_COMPLETE"] * 2,
        [event(2, "CREATE_FAILED", "Disk", "AWS::EC2::Volume", "the quota is used up")]))
    stopped(result, "stack 'live' is ROLLBACK_COMPLETE", "Disk: the quota is used up", code=2)
    equal(w.cloud.count("DescribeInstances"), 0, "requests")


@case("stack: what was cancelled for another is not the cause")
def _(world):
    script = service(["CREATE_FAILED"], [])

    def more(request):
        if request.action == "DescribeStackEvents":
            return events(BEGIN, event(2, "CREATE_FAILED", "A", reason="Resource creation cancelled"),
                          event(3, "CREATE_FAILED", "B", reason="no such image"))
        return script(request)

    _, result = waited(world, more)
    stopped(result, "B: no such image", code=2)


@case("stack: not in time, exit 4")
def _(world):
    _, result = waited(world, service(["CREATE_IN_PROGRESS"]), wait="1")
    stopped(result, "stack 'live' is not ready after 1 s", "CREATE_IN_PROGRESS", code=4)
    _, result = waited(world, service([NOT_THERE]), wait="1")
    stopped(result, "stack 'live' is not there after 1 s", code=4)


@case("stack: nobody may look, exit 1; nobody answers, exit 4")
def _(world):
    _, result = waited(world, lambda request: query_fault("AccessDenied", "not you"))
    stopped(result, "cloudformation:DescribeStacks", code=1)
    _, result = waited(world, lambda request: Reply(b"", cut=0, length=9))
    stopped(result, "got no answer after 2 attempts", code=4)


@case("stack: instances that are pending are waited for")
def _(world):
    def pages(request):
        text = instances([1])
        return text.replace("<name>running", "<name>pending") if request.number == 1 else text

    w, result = waited(world, service(["CREATE_COMPLETE"], instance_pages=pages))
    fine(result)
    equal(w.cloud.count("DescribeInstances"), 2, "requests")


@case("stack: nested stacks are the stack's; what was deleted is not")
def _(world):
    tree = {"live": [("AWS::CloudFormation::Stack", "inner"), ("AWS::S3::Bucket", ID % 2)], "inner": [("AWS::EC2::Instance", ID % 1)]}
    w = world(service(["CREATE_COMPLETE"], tree=tree))
    fine(w.run("--list", "--stack", "live"), [HOST % 1])


@case("stack: stacks that hold each other end")
def _(world):
    w = world(service(["CREATE_COMPLETE"], tree={"live": [("AWS::CloudFormation::Stack", "live")]}))
    failed(w.run("--list", "--stack", "live"), "nested more than")
    if w.cloud.count("ListStackResources") > 20:
        raise Wrong("asked %d times" % len(w.cloud.requests))


@case("stack: parameters and outputs are variables, and data")
def _(world):
    pair = "<member><OutputKey>Url</OutputKey><OutputValue>{{ 3 * 4 }}</OutputValue></member>"
    w = world(service([Reply(stacks("CREATE_COMPLETE", Outputs=pair))]))
    result = w.run("--list", "--stack", "live", config="regions: [eu-west-1]\ncompose: {url: stack.outputs.Url}\n")
    fine(result, [HOST % 1])
    if "{{ 3 * 4 }}" not in json.dumps(json.loads(result.out)["_meta"]["hostvars"][HOST % 1]["url"]):
        raise Wrong("evaluated: " + result.show())


# ---- descriptions ----


@case("describe ssm: forty instances in a question, pages too")
def _(world):
    def script(request):
        if request.action != "GetInventory":
            return instances(range(1, 86))
        asked = json.loads(request.body)
        (wanted,) = asked["Filters"]
        half = len(wanted["Values"]) // 2
        names = wanted["Values"][half:] if asked.get("NextToken") else wanted["Values"][:half]
        entities = [{"Id": name, "Data": {"AWS:InstanceInformation": {"Content": [{"AgentVersion": "3.1", "PlatformName": "Debian"}]}}}
                    for name in names]
        return Reply(json.dumps({"Entities": entities, **({} if asked.get("NextToken") else {"NextToken": "2"})}),
                     Content_Type="application/x-amz-json-1.1")

    w = world(script)
    result = w.run(config="regions: [eu-west-1]\nuse_ssm_inventory: true\nhostnames: [instance-id]\n")
    fine(result, [ID % n for n in range(1, 86)])
    hosts = json.loads(result.out)["_meta"]["hostvars"]
    equal({json.dumps(host["ssm_inventory"], sort_keys=True) for host in hosts.values()},
          {'{"agent_version": "3.1", "platform_name": "Debian"}'}, "inventory")
    equal(w.cloud.count("GetInventory"), 6, "requests")


@case("describe launch_templates: by the tags of what was launched")
def _(world):
    templates = "".join(
        "<item><launchTemplateId>lt-%d</launchTemplateId><launchTemplateName>web-%d</launchTemplateName><defaultVersionNumber>1"
        "</defaultVersionNumber><latestVersionNumber>3</latestVersionNumber></item>" % (n, n) for n in (1, 2))

    def script(request):
        if request.action == "DescribeLaunchTemplates":
            return "<DescribeLaunchTemplatesResponse><launchTemplates>%s</launchTemplates></DescribeLaunchTemplatesResponse>" % templates
        return instances([1], tags={"aws:ec2launchtemplate:id": "lt-2", "aws:ec2launchtemplate:version": "3"})

    w = world(script)
    result = w.run(config="regions: [eu-west-1]\ndescribe: [launch_templates]\n")
    fine(result, [HOST % 1])
    whole = json.loads(result.out)
    equal(whole["_meta"]["hostvars"][HOST % 1]["launch_template"],
          {"launch_template_id": "lt-2", "launch_template_name": "web-2", "default_version_number": 1, "latest_version_number": 3,
           "version": "3"}, "template")
    equal(whole["lt_web_2"]["hosts"], [HOST % 1], "group")


@case("all states are hosts, in whatever they are")
def _(world):
    names = ["pending", "running", "shutting-down", "terminated", "stopping", "stopped"]

    def script(request):
        text = ""
        for number, name in enumerate(names, 1):
            one = instances([number]).replace("<name>running", "<name>" + name)
            text += one.partition("<reservationSet>")[2].partition("</reservationSet>")[0]
        return "<DescribeInstancesResponse><reservationSet>%s</reservationSet></DescribeInstancesResponse>" % text

    w = world(script)
    result = w.run()
    fine(result, [HOST % n for n in range(1, 7)])
    hosts = json.loads(result.out)["_meta"]["hostvars"]
    equal([hosts[HOST % n]["state"]["name"] for n in range(1, 7)], names, "states")
    # Which of them there are is the service's to choose.
    form = w.cloud.requests[0].form
    equal([form["Filter.1.Name"], *(form["Filter.1.Value.%d" % n] for n in range(1, 5))],
          ["instance-state-name", "running", "pending", "stopping", "stopped"], "filter")


@case("describe: one that is refused fails it all, unless permissions are not strict")
def _(world):
    def script(request):
        return query_fault("AccessDenied", "not you") if request.action == "DescribeAutoScalingGroups" else instances([1])

    w = world(script)
    failed(w.run(config="regions: [eu-west-1]\ndescribe: [autoscaling]\n"), "autoscaling:DescribeAutoScalingGroups")
    fine(w.run(config="regions: [eu-west-1]\ndescribe: [autoscaling]\nstrict_permissions: false\n"), [HOST % 1])


@case("describe: JSON that is broken, too deep, or of another form")
def _(world):
    for body in (b'{"Entities": [', b"[" * 100000 + b"]" * 100000, b"<xml/>", b"\xff\xfe", b""):
        w = world(lambda request, body=body: Reply(body) if request.action == "GetInventory" else instances([1]))
        failed(w.run(config="regions: [eu-west-1]\nuse_ssm_inventory: true\n", seconds=30))
    for body in (b'{"Entities": 7}', b'{"Entities": [3, {"Id": []}, {"Id": "i-1", "Data": "x"}]}'):
        w = world(lambda request, body=body: Reply(body) if request.action == "GetInventory" else instances([1]))
        fine(w.run(config="regions: [eu-west-1]\nuse_ssm_inventory: true\n", seconds=30), [HOST % 1])


@case("describe: a JSON service throttles, then answers")
def _(world):
    def script(request):
        if request.action != "ListClusters":
            return instances([1])
        if request.number == 1:
            return Reply('{"__type": "com.amazonaws.ecs#ThrottlingException", "message": "slow"}', 400)
        return Reply('{"clusterArns": []}')

    w = world(script)
    fine(w.run(config="regions: [eu-west-1]\ndescribe: [ecs]\n"), [HOST % 1])
    equal(w.cloud.count("ListClusters"), 2, "requests")


@case("describe: what the service does not know is told with its code")
def _(world):
    def script(request):
        if request.action == "ListClusters":
            return Reply('{"__type": "UnknownOperationException", "Message": "what?"}', 400)
        return instances([1])

    w = world(script)
    result = w.run(config="regions: [eu-west-1]\ndescribe: [ecs]\n")
    failed(result, "UnknownOperationException: what?")
    said(result, "ListClusters")
