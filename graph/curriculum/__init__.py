"""Where the next candidate aims: a bandit over topics, skills and hops, and the declared mix."""
