"""The state machine of one candidate: state, nodes, routes, and the records that come out."""
