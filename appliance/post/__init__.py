"""The post: alarms leave the box by e-mail and webhook. It has the network, and of the box's data the alarms alone."""
