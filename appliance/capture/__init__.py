"""From a pair of wires to calls: taps, the features heard on a line, the detector, the encoder, the lamps."""
