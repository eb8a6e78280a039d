// The formats of media, by their IANA types. Of several types for one format the usual one comes first.

export const IMAGE_FORMATS: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpeg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
  ['image/jpg', 'jpeg'],
]);

export const DOCUMENT_FORMATS: ReadonlyMap<string, string> = new Map([
  ['application/pdf', 'pdf'],
  ['text/csv', 'csv'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['text/html', 'html'],
  ['text/plain', 'txt'],
  ['text/markdown', 'md'],
  ['text/x-markdown', 'md'],
]);

export const VIDEO_FORMATS: ReadonlyMap<string, string> = new Map([
  ['video/mp4', 'mp4'],
  ['video/quicktime', 'mov'],
  ['video/x-matroska', 'mkv'],
  ['video/webm', 'webm'],
  ['video/x-flv', 'flv'],
  ['video/mpeg', 'mpeg'],
  ['video/x-ms-wmv', 'wmv'],
  ['video/3gpp', 'three_gp'],
]);

export const AUDIO_FORMATS: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/opus', 'opus'],
  ['audio/aac', 'aac'],
  ['audio/flac', 'flac'],
  ['audio/mp4', 'mp4'],
  ['audio/ogg', 'ogg'],
  ['audio/webm', 'webm'],
  ['audio/x-matroska', 'mka'],
  ['audio/x-m4a', 'm4a'],
  ['audio/pcm', 'pcm'],
  ['audio/x-wav', 'wav'],
  ['audio/mp3', 'mp3'],
]);

/** The usual type of a format; empty where there is none. */
export function mediaTypeOf(formats: ReadonlyMap<string, string>, format: string): string {
  for (const [type, known] of formats) if (known === format) return type;
  return '';
}
