import type { Part } from '../../gen/sluice/v1/content_pb.ts';
import type { DialectName } from './dialect.ts';

/** The part; where it is an uploaded file, marked as one of this format, whose providers alone know its id. */
export function withFileOrigin(part: Part, dialect: DialectName): Part {
  const { kind } = part;
  const isMedia = kind.case === 'image' || kind.case === 'audio' || kind.case === 'file';
  const uploaded = isMedia && kind.value.source?.location.case === 'fileId';
  return uploaded ? Object.assign(part, { origin: dialect }) : part;
}
