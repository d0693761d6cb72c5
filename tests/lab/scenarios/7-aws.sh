# The main job with an inventory that comes from AWS's API (moto): a stack is waited for, its bastion is found, the site is played.

MOTO=http://127.0.0.1:5055
PYTHON=$LAB_PYTHON

if ! "$PYTHON" -c 'import moto.server, boto3' 2> /dev/null; then
	echo "skip  scenario 7 needs moto and boto3 for $PYTHON"
	return
fi

aws_env() {
	on_laptop env AWS_ENDPOINT_URL=$MOTO AWS_ACCESS_KEY_ID=AKIALAB AWS_SECRET_ACCESS_KEY=lab-secret \
		AWS_EC2_METADATA_DISABLED=true AWS_REGION=eu-west-1 "$@"
}
aws_ertc() { aws_env timeout -k 5 "${ERTC_DEADLINE:-300}" "$@" < /dev/null > $LAB/out 2>&1; }
requests() { grep -c '"POST / HTTP' $LAB/moto.log; }

moto_answers() { wait_until 30 in_net laptop curl -s -o /dev/null $MOTO/moto-api/; }

# The instances of the lab as CloudFormation would have made them; the tag Address is their public one, which moto would invent.
fleet_make() {
	in_net laptop "$PYTHON" - <<-MAKE
	import boto3, json
	def client(name):
	    return boto3.client(name, endpoint_url="$MOTO", region_name="eu-west-1",
	                        aws_access_key_id="AKIALAB", aws_secret_access_key="lab-secret")
	ec2, stacks = client("ec2"), client("cloudformation")
	ec2.create_key_pair(KeyName="lab")
	image = next(i["ImageId"] for i in ec2.describe_images()["Images"] if i.get("Platform") != "windows" and "amzn" in i["Name"])
	def guard(name, source):
	    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": name, "GroupName": name,
	        "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [dict(source, IpProtocol="tcp", FromPort=22, ToPort=22)]}}
	def machine(name, group, role, subnet, address, guarded, public=None):
	    tags = {"Name": name, "Group": group, "Role": role}
	    tags.update({"Address": public} if public else {})
	    return {"Type": "AWS::EC2::Instance", "Properties": {
	        "ImageId": image, "InstanceType": "t3.micro", "KeyName": "lab", "SubnetId": {"Ref": subnet},
	        "PrivateIpAddress": address, "SecurityGroupIds": [{"Ref": guarded}], "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}}
	template = {"Resources": {
	    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.77.0.0/16"}},
	    "Public": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.77.1.0/24"}},
	    "Private": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.77.2.0/24"}},
	    "Outer": guard("outer", {"CidrIp": "0.0.0.0/0"}),
	    "Inner": guard("inner", {"SourceSecurityGroupId": {"Ref": "Outer"}}),
	    "Bastion": machine("bastion", "bastions", "bastion", "Public", "10.77.1.21", "Outer", "203.0.113.21"),
	    "Frontend": machine("frontend", "frontends", "web", "Public", "10.77.1.22", "Outer", "203.0.113.22"),
	    "Backend": machine("backend", "streamers", "streamer", "Private", "10.77.2.31", "Inner")},
	  "Outputs": {"RtmpHost": {"Value": "10.77.1.22"}}}
	stacks.create_stack(StackName="live", TemplateBody=json.dumps(template))
	# moto's CloudFormation leaves out security groups.
	groups = {g["GroupName"]: g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]}
	for reservation in ec2.describe_instances()["Reservations"]:
	    for instance in reservation["Instances"]:
	        inner = instance["PrivateIpAddress"].startswith("10.77.2.")
	        ec2.modify_instance_attribute(InstanceId=instance["InstanceId"], Groups=[groups["inner" if inner else "outer"]])
	ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)   # not the stack's
	MAKE
}

# What somebody does at half past two: port 22 of the backend is open for itself alone.
rule_break() {
	in_net laptop "$PYTHON" - <<-BREAK
	import boto3
	ec2 = boto3.client("ec2", endpoint_url="$MOTO", region_name="eu-west-1",
	                   aws_access_key_id="AKIALAB", aws_secret_access_key="lab-secret")
	group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["inner"]}])["SecurityGroups"][0]
	ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
	ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[dict(
	    IpProtocol="tcp", FromPort=22, ToPort=22, UserIdGroupPairs=[{"GroupId": group["GroupId"]}])])
	BREAK
}

inventory_of_aws() {
	mkdir -p $LAB/home/aws/group_vars $LAB/home/aws/.secrets/123456789012
	install -m 600 $KEY $LAB/home/aws/.secrets/123456789012/lab.pem
	cat > $LAB/home/aws/prod.aws_ec2.yml <<-SOURCE
	plugin: amazon.aws.aws_ec2
	regions: [eu-west-1]
	hostnames: [tag:Name, private-dns-name]
	keyed_groups: [{key: tags.Group, prefix: '', separator: ''}]
	compose: {ansible_host: tags.Address | default(private_ip_address)}
	users: {'tag:Group': admin}
	bastion: tag:Role=bastion
	cache: true
	SOURCE
	cat > $LAB/home/aws/group_vars/all.yml <<-VARS
	private_cidr_block: 10.77.2.0/24
	nginx_host: "{{ stack.outputs.RtmpHost }}"
	streamer_source: testsrc
	VARS
}

AWS=(-i $LAB/home/aws/prod.aws_ec2.yml)
lab_up
in_net laptop "$PYTHON" -m moto.server -H 127.0.0.1 -p 5055 > $LAB/moto.log 2>&1 &
check "moto answers" moto_answers
check "a stack with three machines is made" fleet_make
inventory_of_aws

aws_ertc $LAB/ertc-play "${AWS[@]}" --stack live --wait=120 -e ready_timeout=60 playbooks/site.yml
check_ran "the site is made by --stack live --wait" 0 $? || return
check_said "the events of the stack are shown" 'CREATE_COMPLETE +AWS::CloudFormation::Stack +live'
check_said "its hosts are waited for first" 'ready : Wait for the login'
for host in bastion frontend backend; do
	check_is "$host: nothing failed" "0 0" "$(recap $host failed | tail -n 1) $(recap $host unreachable | tail -n 1)"
done
check_not_said "a machine that is not the stack's is left alone" '^ip-'
check "the playlist is served to the laptop" wait_until 40 on_laptop curl -sf --max-time 5 -o /dev/null \
	http://203.0.113.22/hls/my-video.m3u8
check "the backend is reached through the bastion that was found" aws_ertc $LAB/ertc ssh "${AWS[@]}" backend hostname
check_said "(it is the backend)" '^backend$'
check_not "no secret key in what was said" grep -r lab-secret $LAB/out $LAB/moto.log

aws_ertc $LAB/ertc-play "${AWS[@]}" --stack live playbooks/site.yml
check_ran "a second run succeeds" 0 $?
for host in bastion frontend backend; do
	check_is "$host: a second run changes nothing" "0 0" "$(recap $host changed) $(recap $host failed)"
done
ASKED=$(requests)
aws_ertc $LAB/ertc inventory "${AWS[@]}" --stack live --graph
check_is "with a fresh cache nobody is asked" "$ASKED" "$(requests)"

aws_ertc $LAB/ertc inventory "${AWS[@]}" --stack live doctor
check_ran "the doctor finds all three well" 0 $?
check "a rule is broken" rule_break
in_net router iptables -I FORWARD -s 10.77.1.21 -d 10.77.2.31 -p tcp --dport 22 -j DROP
aws_ertc $LAB/ertc inventory "${AWS[@]}" --stack live doctor backend
check_ran "and says that the backend is not reached" 4 $?
check_said "and because of which rule" 'sg-[0-9a-f]+ of backend admits port 22 only from sg-[0-9a-f]+; the bastion bastion is in sg-'
aws_ertc $LAB/ertc-play "${AWS[@]}" --stack live --limit backend playbooks/site.yml -T 3
check_ran "a play ends with 4 then" 4 $?
check_said "and says by itself which rule it was" 'WARNING.*backend is not reached: sg-'
