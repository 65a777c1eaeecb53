"""What happens because of events: pipelines that decide, and the dispatcher that carries their decisions out."""
