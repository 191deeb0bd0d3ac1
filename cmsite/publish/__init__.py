"""Getting a built site to where it is served; not written yet: `cmsite build` writes a folder that any server takes."""
