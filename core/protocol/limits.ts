/** The version of the wire format, in the subprotocol, the hello and every tensor frame. */
export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = `dimee.v${PROTOCOL_VERSION}`;

/** Bytes of the header; a multiple of 8, so that the payload is aligned. */
export const HEADER_BYTES = 32;

/** What one message may be. The server's socket refuses more before it is read; decoders check again. */
export const LIMITS = {
  /** Bytes of one WebSocket message: a float32 hidden state of 128 tokens is 196,640. */
  maxMessageBytes: 256 * 1024,
  /** Frames that one WebSocket message may be cut into. */
  maxFragments: 256,
  /** Samples in one tensor frame. One, since dynamic quantisation makes a sample's numbers depend on its batch. */
  maxBatch: 1,
  maxTokens: 512,
  maxHidden: 4096,
  maxTextLength: 10_000,
  maxTokenLength: 256,
  maxClientKeyLength: 64,
  maxLayers: 48,
  maxClasses: 64,
  maxDeadlineMs: 120_000,
} as const;
