"""Every process of the platform on one machine: private servers, their supervision, and provisioning."""
