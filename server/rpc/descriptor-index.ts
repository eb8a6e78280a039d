import { type DescExtension, type DescFile, type DescMessage, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** Where everything that services speak of is declared. All names are full ones. */
export interface DescriptorIndex {
  readonly services: readonly string[];
  /** Undefined where there is no such file. */
  fileByName(name: string): readonly Uint8Array[] | undefined;
  /** Of a message, enum, service, extension, method, field, oneof or enum value. */
  fileBySymbol(symbol: string): readonly Uint8Array[] | undefined;
  fileByExtension(message: string, number: number): readonly Uint8Array[] | undefined;
  /** In ascending order; undefined where there is no such message. */
  extensionNumbers(message: string): readonly number[] | undefined;
}

/**
 * The index of services and more files, such as those of error details, which no service names: their symbols, and those
 * of all files that they import. A file is given as serialized google.protobuf.FileDescriptorProto messages: itself
 * first, then all that it needs, each file before those that it imports.
 */
export function createDescriptorIndex(services: readonly DescService[], more: readonly DescFile[]): DescriptorIndex {
  const roots = [...services.map(({ file }) => file), ...more];
  const files = new Map(roots.flatMap((file) => withImports(file)).map((file) => [file.proto.name, file]));
  const symbols = new Map([...files.values()].flatMap((file) => symbolsOf(file).map((name) => [name, file] as const)));
  const messages = new Set([...files.values()].flatMap((file) => allMessages(file)).map(({ typeName }) => typeName));
  const extensions = [...files.values()].flatMap(allExtensions);
  const serialize = (file: DescFile | undefined): readonly Uint8Array[] | undefined =>
    file && withImports(file).map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return {
    services: services.map(({ typeName }) => typeName).sort(),
    fileByName: (name) => serialize(files.get(name)),
    fileBySymbol: (symbol) => serialize(symbols.get(symbol)),
    fileByExtension: (message, number) =>
      serialize(extensions.find((one) => one.extendee.typeName === message && one.number === number)?.file),
    extensionNumbers: (message) =>
      messages.has(message)
        ? extensions
            .filter(({ extendee }) => extendee.typeName === message)
            .map(({ number }) => number)
            .sort((a, b) => a - b)
        : undefined,
  };
}

/** A file and all that it needs; each file stands before those that it imports. */
function withImports(file: DescFile): readonly DescFile[] {
  const seen = new Set<DescFile>();
  const importsFirst: DescFile[] = [];
  const visit = (one: DescFile): void => {
    if (seen.has(one)) return;
    seen.add(one);
    one.dependencies.forEach(visit);
    importsFirst.push(one);
  };
  visit(file);
  return importsFirst.reverse();
}

function allMessages({ messages }: DescFile): readonly DescMessage[] {
  const nested = (message: DescMessage): DescMessage[] => [message, ...message.nestedMessages.flatMap(nested)];
  return messages.flatMap(nested);
}

function allExtensions(file: DescFile): readonly DescExtension[] {
  return [...file.extensions, ...allMessages(file).flatMap(({ nestedExtensions }) => nestedExtensions)];
}

function symbolsOf(file: DescFile): readonly string[] {
  const messages = allMessages(file);
  const enums = [...file.enums, ...messages.flatMap(({ nestedEnums }) => nestedEnums)];
  return [
    ...messages.flatMap(({ typeName, fields, oneofs }) => [
      typeName,
      ...[...fields, ...oneofs].map(({ name }) => `${typeName}.${name}`),
    ]),
    ...enums.flatMap(({ typeName, values }) => [
      typeName,
      // A value's name stands beside its enum's, not below it.
      ...values.map(({ name }) => typeName.replace(/[^.]+$/, name)),
    ]),
    ...file.services.flatMap(({ typeName, methods }) => [
      typeName,
      ...methods.map(({ name }) => `${typeName}.${name}`),
    ]),
    ...allExtensions(file).map(({ typeName }) => typeName),
  ];
}
