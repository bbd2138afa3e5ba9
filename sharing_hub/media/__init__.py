"""What is handed out: a masked derivative of a recording, its content credentials and time stamp, the export package and its verification.

Files and values in, files and values out: no database, no HTTP door, no clock. `masking` alone needs the vision libraries; run it by `worker`, in a
process of its own, so that the hub stays light and a picture that breaks a decoder breaks no more than that.
"""
