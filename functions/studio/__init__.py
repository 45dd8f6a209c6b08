"""The studio: the page at ``/``, on which people make pictures with Plantain's own API."""
