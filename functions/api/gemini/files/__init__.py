"""Files in Google's interface: uploads in one request or in pieces, and the files that a caller has."""
