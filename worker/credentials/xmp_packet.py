"""The XMP packet: the digital source type for programs that do not read C2PA.

IPTC Photo Metadata Standard, "Digital Source Type":
https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata#digital-source-type
"""

from __future__ import annotations

# The byte order mark tells packet scanners the packet's encoding (ISO 16684-1, 7.3.2).
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
   <xmp:CreatorTool>Plantain</xmp:CreatorTool>
   <Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def build_xmp_packet(source_type: str) -> bytes:
    """Returns an XMP packet in UTF-8 with the address of an IPTC digital source type."""
    return _PACKET.format(source_type=source_type).encode()
