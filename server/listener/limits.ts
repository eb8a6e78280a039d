/** What one caller can take of the process. Each bound has its reason; all are set here and nowhere else. */
export const LIMITS = {
  /** A conversation with pictures and documents inline: providers take 20 to 50 MB. */
  bodyBytes: 32 * 1024 * 1024,
  /** Bodies held at a time, over all calls: each is held as text, as JSON and as what goes to the provider. */
  heldBodyBytes: 256 * 1024 * 1024,
  /** Nesting of JSON. Tool schemas come to about 20; 10,000 would overflow the stack when written again. */
  jsonDepth: 200,
  /** Fields and elements of a Protobuf message: a million tokens to embed, or the longest conversation many times over. */
  messageElements: 1_000_000,
  /** Keys and metadata are small; Node's own default is the same. */
  headerBytes: 16 * 1024,
  /** More than any SDK or proxy sends; a request with more is refused, not cut. */
  headerCount: 100,
  /** A proxy in front has all its connections from one address; a thousand of them are a million calls in a minute. */
  connectionsPerAddress: 2000,
  /** Each streamed call holds one; more calls than this to one provider wait for their turn. */
  connectionsPerProvider: 4096,
  /** A client that takes longer for its headers is broken or hostile. */
  headersTimeoutMs: 10_000,
  /** A whole request with its body, on a slow line. */
  requestTimeoutMs: 300_000,
  /** Longer than common load balancers keep theirs, so that they close first. */
  keepAliveTimeoutMs: 75_000,
  /** Calls at a time on one HTTP/2 connection; what RFC 9113 recommends as the least. */
  streamsPerConnection: 100,
  /** Streams that a client may reset in one go, all that it can have open, and in each second after that, before its connection is cut. */
  resetBurst: 100,
  resetsPerSecond: 33,
  /** An answer with pictures and sound, made of one provider's answer of at most 64 MiB. */
  answerBytes: 96 * 1024 * 1024,
  /** What is read of a body after its answer only to let the sender end: as much again as a whole one. */
  discardBytes: 32 * 1024 * 1024,
  /** For so long. The answer is out by then; this is patience with clients that send all before they read. */
  discardMs: 10_000,
  /** The longest deadline that a caller can ask for. */
  maxDeadlineMs: 86_400_000,
} as const;
