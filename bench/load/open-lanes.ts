import http2 from 'node:http2';
import { GrpcLane } from './grpc-lane.ts';
import { HttpLane } from './http-lane.ts';
import type { Lane, LaneInit } from './task.ts';

/** Calls that share one HTTP/2 connection. */
const LANES_PER_SESSION = 4;

/** A function that opens one lane more of the same kind. */
export function laneOpener(init: LaneInit): () => Lane {
  if (init.kind === 'http1') return () => new HttpLane(init);
  let lanes = 0;
  let session: http2.ClientHttp2Session | undefined;
  return () => {
    if (session === undefined || lanes % LANES_PER_SESSION === 0) {
      session = http2.connect(`http://127.0.0.1:${init.port}`);
      session.on('error', () => {});
    }
    lanes += 1;
    return new GrpcLane(session, init);
  };
}
