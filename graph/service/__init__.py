"""The service: runs started, watched and read over HTTP, as an API and as pages, without LangGraph's server."""
