import { create } from '@bufbuild/protobuf';
import { type TokenLogprob, TokenLogprobSchema } from '../../gen/sluice/v1/chat_service_pb.ts';
import { hash32 } from './seeded-random.ts';

/** A log probability for a token and so many alternatives, likeliest first and the token itself among them. */
export function tokenLogprob(token: string, alternatives: number): TokenLogprob {
  const logprob = -(hash32(token) % 500) / 1000;
  const top = Array.from({ length: alternatives }, (_, i) =>
    i === 0 ? entry(token, logprob) : entry(`${token}${i}`, Number((logprob - i).toFixed(3))),
  );
  return create(TokenLogprobSchema, { ...entry(token, logprob), top });
}

function entry(token: string, logprob: number): { token: string; logprob: number; utf8: Uint8Array } {
  return { token, logprob, utf8: new TextEncoder().encode(token) };
}
