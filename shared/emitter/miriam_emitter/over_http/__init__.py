"""The emitter's link over HTTP: the same line, spool and window as over AMQP, and requests in place of a channel."""
