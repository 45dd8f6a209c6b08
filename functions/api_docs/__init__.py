"""The page that shows the API's description to people: /docs, with swagger-ui."""
