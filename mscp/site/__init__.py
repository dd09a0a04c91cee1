"""The place where the apps are joined: only this package and the URLconf import several."""
