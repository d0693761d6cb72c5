"""A cloud whose answers are ready: DescribeInstances of N instances, whole or in pages. For measuring clients, not servers.

usage: server.py N [PORT]    prints its port, then serves until it is killed
"""
import http.server
import socketserver
import sys
import urllib.parse

INSTANCE = """<item><instanceId>i-{id:017x}</instanceId><imageId>ami-0d5eff06f840b45e9</imageId><instanceState><code>16</code><name>running</name></instanceState>
<privateDnsName>ip-10-{a}-{b}-{c}.eu-west-1.compute.internal</privateDnsName><dnsName>ec2-54-{a}-{b}-{c}.eu-west-1.compute.amazonaws.com</dnsName><reason/>
<keyName>deploy</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>c5.xlarge</instanceType><launchTime>2026-01-02T03:04:05.000Z</launchTime>
<placement><availabilityZone>eu-west-1{zone}</availabilityZone><groupName/><tenancy>default</tenancy></placement><monitoring><state>disabled</state></monitoring>
<subnetId>subnet-0{zone}12345678</subnetId><vpcId>vpc-0123456789abcdef0</vpcId><privateIpAddress>10.{a}.{b}.{c}</privateIpAddress><ipAddress>54.{a}.{b}.{c}</ipAddress>
<sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-0aaaaaaaaaaaaaaa1</groupId><groupName>web</groupName></item><item><groupId>sg-0aaaaaaaaaaaaaaa2</groupId><groupName>base</groupName></item></groupSet>
<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/sda1</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-{id:017x}</volumeId>
<status>attached</status><attachTime>2026-01-02T03:04:06.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><virtualizationType>hvm</virtualizationType><clientToken>{id:036x}</clientToken>
<tagSet><item><key>Name</key><value>web-{id}</value></item><item><key>Role</key><value>{role}</value></item><item><key>Environment</key><value>production</value></item><item><key>Team</key><value>live-video</value></item></tagSet>
<hypervisor>xen</hypervisor><networkInterfaceSet><item><networkInterfaceId>eni-{id:017x}</networkInterfaceId><subnetId>subnet-0{zone}12345678</subnetId><vpcId>vpc-0123456789abcdef0</vpcId><description/><ownerId>123456789012</ownerId>
<status>in-use</status><macAddress>02:{a:02x}:{b:02x}:{c:02x}:00:01</macAddress><privateIpAddress>10.{a}.{b}.{c}</privateIpAddress><privateDnsName>ip-10-{a}-{b}-{c}.eu-west-1.compute.internal</privateDnsName><sourceDestCheck>true</sourceDestCheck>
<groupSet><item><groupId>sg-0aaaaaaaaaaaaaaa1</groupId><groupName>web</groupName></item><item><groupId>sg-0aaaaaaaaaaaaaaa2</groupId><groupName>base</groupName></item></groupSet><attachment><attachmentId>eni-attach-{id:017x}</attachmentId><deviceIndex>0</deviceIndex>
<status>attached</status><attachTime>2026-01-02T03:04:05.000Z</attachTime><deleteOnTermination>true</deleteOnTermination><networkCardIndex>0</networkCardIndex></attachment><association><publicIp>54.{a}.{b}.{c}</publicIp><publicDnsName>ec2-54-{a}-{b}-{c}.eu-west-1.compute.amazonaws.com</publicDnsName>
<ipOwnerId>123456789012</ipOwnerId></association><privateIpAddressesSet><item><privateIpAddress>10.{a}.{b}.{c}</privateIpAddress><privateDnsName>ip-10-{a}-{b}-{c}.eu-west-1.compute.internal</privateDnsName><primary>true</primary><association><publicIp>54.{a}.{b}.{c}</publicIp>
<publicDnsName>ec2-54-{a}-{b}-{c}.eu-west-1.compute.amazonaws.com</publicDnsName><ipOwnerId>123456789012</ipOwnerId></association></item></privateIpAddressesSet><ipv6AddressesSet/><interfaceType>interface</interfaceType></item></networkInterfaceSet>
<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/web</arn><id>AIPAABCDEFGHIJKLMNOPQ</id></iamInstanceProfile><ebsOptimized>true</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>2</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>
<capacityReservationSpecification><capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification><hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false</enabled></enclaveOptions>
<metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint><httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>
<platformDetails>Linux/UNIX</platformDetails><usageOperation>RunInstances</usageOperation><usageOperationUpdateTime>2026-01-02T03:04:05.000Z</usageOperationUpdateTime><privateDnsNameOptions><hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>false</enableResourceNameDnsARecord><enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptions></item>"""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId><reservationSet>'
ROLES = ("web", "db", "cache", "stream", "turn")


def page(first, last, token):
    items = [
        "<item><reservationId>r-%017x</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet>%s</instancesSet></item>"
        % (i, INSTANCE.format(id=i, a=i >> 16, b=i >> 8 & 255, c=i & 255, zone="abc"[i % 3], role=ROLES[i % 5]))
        for i in range(first, last)
    ]
    tail = "</reservationSet>%s</DescribeInstancesResponse>" % ("<nextToken>%s</nextToken>" % token if token else "")
    return (HEAD + "".join(items) + tail).encode()


COUNT = int(sys.argv[1])
WHOLE = page(0, COUNT, None)
PAGES = {i: page(i, min(i + 1000, COUNT), str(i + 1000) if i + 1000 < COUNT else None) for i in range(0, COUNT, 1000)}
REGIONS = b"<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        if form["Action"][0] == "DescribeInstances":
            body = PAGES[int(form.get("NextToken", ["0"])[0])] if "MaxResults" in form else WHOLE
        else:
            body = REGIONS
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
