"""XMP: the source type once more, where programs look that know nothing of C2PA.

IPTC Photo Metadata Standard, "Digital Source Type":
https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata#digital-source-type
"""

from __future__ import annotations

# The byte order mark tells whoever scans a file for packets how this one is encoded (ISO 16684-1, 7.3.2).
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
    """An XMP packet in UTF-8 that names an IPTC digital source type by its address."""
    return _PACKET.format(source_type=source_type).encode()
