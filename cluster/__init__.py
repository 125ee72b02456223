"""The layers on an engine that scales: a Ray Serve application that answers by the Open Inference Protocol."""
