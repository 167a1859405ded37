"""What the public is given of a published report: small cells withheld, so that none can be worked out."""
