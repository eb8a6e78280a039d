import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Generation, GenerationSchema } from '../../gen/sluice/v1/generation_pb.ts';

type Init = Exclude<MessageInitShape<typeof GenerationSchema>, Generation>;

/** Members of a canonical request. What is undefined was not set by the caller. */
export type GenerationMembers = { [K in keyof Init]?: Init[K] | undefined };

/** A canonical request. Members that are undefined stay unset: create passes over them, though its types do not say so. */
export function newGeneration(members: GenerationMembers): Generation {
  return create(GenerationSchema, members as Init);
}
