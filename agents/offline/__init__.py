"""The keyless models of the offline profile: a procedural Attacker and a program Judge, as LangChain chat models."""
