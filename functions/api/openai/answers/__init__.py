"""The answers of OpenAI's interface, for its description: ``/openapi.json``.

https://platform.openai.com/docs/api-reference
"""
