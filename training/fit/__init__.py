"""Training one model at a time: loops, configs, run folders, new exit ramps, the study of recipes."""
