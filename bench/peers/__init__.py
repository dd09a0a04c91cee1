"""What the site is compared with: applications that do next to nothing, served as it is served."""
