"""Several early-exit encoders trained side by side: what training.teach and training.distil do."""
