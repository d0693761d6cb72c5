<?xml version="1.0" encoding="utf-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html"/>
<xsl:template match="/rtmp">
<html>
<head><title>RTMP</title>
<style>body { font: 14px sans-serif } td, th { padding: 2px 12px; text-align: left; border-bottom: 1px solid #ccc }</style></head>
<body>
<p>Up <xsl:value-of select="uptime"/> s, <xsl:value-of select="naccepted"/> connections,
in <xsl:value-of select="round(bw_in div 1024)"/> kbit/s, out <xsl:value-of select="round(bw_out div 1024)"/> kbit/s</p>
<table>
<tr><th>application</th><th>stream</th><th>clients</th><th>in kbit/s</th><th>out kbit/s</th><th>video</th><th>audio</th></tr>
<xsl:for-each select="server/application/live/stream">
<tr>
<td><xsl:value-of select="../../name"/></td><td><xsl:value-of select="name"/></td><td><xsl:value-of select="nclients"/></td>
<td><xsl:value-of select="round(bw_in div 1024)"/></td><td><xsl:value-of select="round(bw_out div 1024)"/></td>
<td><xsl:value-of select="meta/video/codec"/></td><td><xsl:value-of select="meta/audio/codec"/></td>
</tr>
</xsl:for-each>
</table>
</body>
</html>
</xsl:template>
</xsl:stylesheet>
