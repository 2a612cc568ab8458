"""The nodes of the question graph, in the order in which a candidate meets them: writing, answering, ending.

Nodes hold no prompt and no parsing: they read records from the state, ask a role or a tool, and return a partial
update. A refused attempt sets `rejection`; the routers send it to `refuse`, which goes back to `attack` while attempts
last.
"""
