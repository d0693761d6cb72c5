"""Makes what the tests of the AWS inventory look at, in a moto server.

usage: topology.py ENDPOINT      prints what was made, as JSON

us-east-1     VPC with a public and a private subnet, bastion, web group with a target group, a database that is stopped, one
              instance that is gone, odd tags; the stack `live` (instance, group, nested parameters); an ECS cluster
eu-west-1     the same network, smaller, and instances of the same names
eu-central-1  1,200 instances in 1,050 reservations
eu-north-1    of account 222233334444: two instances, asked for by the role `reader`
"""

import concurrent.futures
import json
import sys

import boto3

ENDPOINT = sys.argv[1]
OTHER = "222233334444"
ROLE = "arn:aws:iam::%s:role/reader" % OTHER
KEYS = {"aws_access_key_id": "AKIAQWERTYUIOPTEST", "aws_secret_access_key": "hush-secret-of-the-user"}
made = {"role": ROLE}


def client(service, region, **keys):
    return boto3.client(service, region_name=region, endpoint_url=ENDPOINT, **(keys or KEYS))


def tags(**pairs):
    return [{"Key": key, "Value": text} for key, text in pairs.items()]


def specification(pairs):
    return [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": text} for key, text in pairs.items()]}]


ODD = {
    "tag with space": "a  b ",
    "colon:key": "v:1",
    "slash/key": "x/y",
    "empty": "",
    "Ümläut": "größe ☃",
    "quote\"'": "\"double\" 'single' \\back",
    "angle<&>": "<b>&amp;</b>",
    "number": "0755",
    "yes": "no",
    "comma,key": "a=b,c=d",
}


def network(region):
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    public = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
    private = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=public, MapPublicIpOnLaunch={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=public)
    bastion = ec2.create_security_group(GroupName="bastion", Description="b", VpcId=vpc)["GroupId"]
    web = ec2.create_security_group(GroupName="web", Description="w", VpcId=vpc)["GroupId"]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    ec2.authorize_security_group_ingress(GroupId=bastion, IpPermissions=[{**ssh, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[{**ssh, "UserIdGroupPairs": [{"GroupId": bastion}]}])
    ec2.create_key_pair(KeyName="deploy")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    return {"vpc": vpc, "public": public, "private": private, "table": table, "bastion_group": bastion, "web_group": web,
            "image": image, "zone": zone}


def run(region, place, count, subnet, group, **pairs):
    answer = client("ec2", region).run_instances(
        ImageId=place["image"], MinCount=count, MaxCount=count, InstanceType="t3.micro", KeyName="deploy",
        SubnetId=place[subnet], SecurityGroupIds=[place[group]], TagSpecifications=specification(pairs))
    return [instance["InstanceId"] for instance in answer["Instances"]]


def main_region(region="us-east-1"):
    place = made[region] = network(region)
    ec2 = client("ec2", region)
    place["bastion"] = run(region, place, 1, "public", "bastion_group", Name="bastion", Role="bastion", Env="prod")
    place["web"] = run(region, place, 3, "private", "web_group", Name="web", Role="web", Env="prod")
    place["db"] = run(region, place, 2, "private", "web_group", Name="db", Role="db", Env="dev", **ODD)
    place["plain"] = [i["InstanceId"] for i in ec2.run_instances(ImageId=place["image"], MinCount=1, MaxCount=1)["Instances"]]
    ec2.stop_instances(InstanceIds=place["db"][:1])
    place["gone"] = run(region, place, 1, "public", "web_group", Name="gone", Role="web")
    ec2.terminate_instances(InstanceIds=place["gone"])
    groups(region, place)
    stack(region, place)
    containers(region, place)
    names(region, place)


def groups(region, place):
    """An Auto Scaling group of three of which one stands by, behind a target group of a load balancer."""
    ec2, scaling, balancing = client("ec2", region), client("autoscaling", region), client("elbv2", region)
    template = ec2.create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"ImageId": place["image"], "InstanceType": "t3.micro"})["LaunchTemplate"]
    place["template"] = template["LaunchTemplateId"]
    target = balancing.create_target_group(
        Name="web-tg", Protocol="HTTP", Port=8080, VpcId=place["vpc"], TargetType="instance")["TargetGroups"][0]["TargetGroupArn"]
    second = ec2.create_subnet(VpcId=place["vpc"], CidrBlock="10.0.3.0/24",
                               AvailabilityZone=ec2.describe_availability_zones()["AvailabilityZones"][1]["ZoneName"])
    balancer = balancing.create_load_balancer(Name="front", Subnets=[place["public"], second["Subnet"]["SubnetId"]])
    balancing.create_listener(LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"], Protocol="HTTP", Port=80,
                              DefaultActions=[{"Type": "forward", "TargetGroupArn": target}])
    balancing.register_targets(TargetGroupArn=target, Targets=[{"Id": name, "Port": 8080} for name in place["web"][:2]])
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web-asg", MinSize=1, MaxSize=5, DesiredCapacity=3, VPCZoneIdentifier=place["private"],
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"},
        Tags=[{"Key": "Role", "Value": "scaled", "PropagateAtLaunch": True}])
    members = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
    place["scaled"] = [member["InstanceId"] for member in members]
    scaling.enter_standby(AutoScalingGroupName="web-asg", InstanceIds=place["scaled"][:1], ShouldDecrementDesiredCapacity=True)
    classic = client("elb", region)
    classic.create_load_balancer(LoadBalancerName="old-lb", AvailabilityZones=[place["zone"]],
                                 Listeners=[{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}])
    classic.register_instances_with_load_balancer(LoadBalancerName="old-lb", Instances=[{"InstanceId": place["web"][2]}])


def stack(region, place):
    template = {
        "Parameters": {"Env": {"Type": "String", "Default": "prod"}},
        "Resources": {
            "Web": {"Type": "AWS::EC2::Instance", "Properties": {
                "ImageId": place["image"], "InstanceType": "t3.micro", "Tags": tags(Name="cf-web")}},
            "Configuration": {"Type": "AWS::AutoScaling::LaunchConfiguration", "Properties": {
                "ImageId": place["image"], "InstanceType": "t3.micro"}},
            "Group": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {
                "MinSize": "2", "MaxSize": "3", "DesiredCapacity": "2", "LaunchConfigurationName": {"Ref": "Configuration"},
                "AvailabilityZones": [place["zone"]]}},
        },
        "Outputs": {"WebId": {"Value": {"Ref": "Web"}}},
    }
    formation = client("cloudformation", region)
    formation.create_stack(StackName="live", TemplateBody=json.dumps(template),
                           Parameters=[{"ParameterKey": "Env", "ParameterValue": "stage"}])
    resources = formation.list_stack_resources(StackName="live")["StackResourceSummaries"]
    place["stack_web"] = [r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::EC2::Instance"]
    names = [r["PhysicalResourceId"] for r in resources if r["ResourceType"].endswith("AutoScalingGroup")]
    group = client("autoscaling", region).describe_auto_scaling_groups(AutoScalingGroupNames=names)["AutoScalingGroups"][0]
    place["stack_scaled"] = [member["InstanceId"] for member in group["Instances"]]


def containers(region, place):
    from moto.ec2.utils import generate_instance_identity_document

    ecs = client("ecs", region)
    ecs.create_cluster(clusterName="boxes")
    instance = boto3.resource("ec2", region_name=region, endpoint_url=ENDPOINT, **KEYS).Instance(place["plain"][0])
    ecs.register_container_instance(
        cluster="boxes", instanceIdentityDocument=json.dumps(generate_instance_identity_document(instance)))


def names(region, place):
    """example.org: an address and a name of the bastion; a private address of the first of web."""
    zones, ec2 = client("route53", "us-east-1"), client("ec2", region)
    zone = zones.create_hosted_zone(Name="example.org.", CallerReference="1")["HostedZone"]["Id"]
    both = {}
    for name in (place["bastion"][0], place["web"][0]):
        both[name] = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    bastion, web = both[place["bastion"][0]], both[place["web"][0]]
    records = [("bastion.example.org.", "A", bastion["PublicIpAddress"]), ("door.example.org.", "CNAME", bastion["PublicDnsName"]),
               ("web.internal.example.org.", "A", web["PrivateIpAddress"]), ("else.example.org.", "A", "192.0.2.1")]
    zones.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
        {"Action": "CREATE", "ResourceRecordSet": {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": text}]}}
        for name, kind, text in records]})


def second_region(region="eu-west-1"):
    place = made[region] = network(region)
    place["bastion"] = run(region, place, 1, "public", "bastion_group", Name="bastion", Role="bastion", Env="prod")
    place["web"] = run(region, place, 2, "private", "web_group", Name="web", Role="web", Env="prod")
    # Ansible takes these for a template when it composes, and gives up the whole of the tags.
    place["braces"] = run(region, place, 1, "private", "web_group", Name="{{ lookup('pipe', 'id') }}", braces="{{ 3 * 4 }} {% raw %}")



def large_region(region="eu-central-1"):
    """More reservations than a page has: 1,050 of them."""
    ec2 = client("ec2", region)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]

    def one(number, count):
        ec2.run_instances(ImageId=image, MinCount=count, MaxCount=count, InstanceType="t3.micro",
                          TagSpecifications=specification({"Name": "many-%04d" % number, "Role": ("web", "db", "cache")[number % 3]}))

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: one(number, 151 if number == 0 else 1), range(1050)))


def other_account(region="eu-north-1"):
    given = client("sts", region).assume_role(RoleArn=ROLE, RoleSessionName="make")["Credentials"]
    keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"]}
    client("iam", "us-east-1", **keys).create_account_alias(AccountAlias="the-other")
    ec2 = client("ec2", region, **keys)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    answer = ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2, TagSpecifications=specification({"Name": "theirs"}))
    made["theirs"] = [instance["InstanceId"] for instance in answer["Instances"]]


def users():
    """For when signatures are checked: one who may look, and one who may nothing."""
    iam = client("iam", "us-east-1")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for name in ("reader", "nobody"):
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        made[name] = {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    iam.put_user_policy(UserName="reader", PolicyName="all", PolicyDocument=json.dumps(policy))


main_region()
second_region()
other_account()
users()
large_region()
json.dump(made, sys.stdout, indent=1)
