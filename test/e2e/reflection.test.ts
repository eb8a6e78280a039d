import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { create, createFileRegistry, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { describe, expect, it } from 'vitest';
import { ServerReflection, type ServerReflectionRequestSchema } from '../../gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { findGrpcurl } from '../setup/find-grpcurl.ts';
import { startGateway, TEST_KEY } from '../support/gateway.ts';

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>['messageRequest']>;

const SERVICES = [
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
  'sluice.admin.v1.ConfigService',
  'sluice.admin.v1.KeyService',
  'sluice.v1.ChatService',
  'sluice.v1.EmbeddingService',
  'sluice.v1.ModelService',
  'sluice.v1.RoutingService',
];

const VERSIONS = [
  { version: 'v1', schema: ServerReflection },
  { version: 'v1alpha', schema: ServerReflectionAlpha as unknown as typeof ServerReflection },
];

describe.each(VERSIONS)('reflection $version', ({ schema }) => {
  async function ask(...questions: readonly Question[]) {
    const { url } = await startGateway();
    const client = createClient(schema, createGrpcTransport({ baseUrl: url }));
    async function* requests() {
      for (const messageRequest of questions) yield { host: 'here', messageRequest };
    }
    return (await Array.fromAsync(client.serverReflectionInfo(requests()))).map((response) => {
      expect(response.validHost).toBe('here');
      return response.messageResponse;
    });
  }

  /** The descriptors of the answer to one question for a file. */
  async function askForFiles(question: Question) {
    const [answer] = await ask(question);
    if (answer?.case !== 'fileDescriptorResponse') throw new Error(`no file but ${JSON.stringify(answer)}`);
    return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  }

  it('lists every service, without a key', async () => {
    const [answer] = await ask({ case: 'listServices', value: '' });
    expect(answer?.case === 'listServicesResponse' && answer.value.service.map(({ name }) => name)).toEqual(SERVICES);
  });

  it.each(SERVICES)('gives a file of %s that is whole with what it imports', async (service) => {
    const files = await askForFiles({ case: 'fileContainingSymbol', value: service });
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files.toReversed() }));
    expect(registry.getService(service)?.methods.length).toBeGreaterThan(0);
  });

  it.each([
    'sluice.v1.ChatService.StreamChat',
    'sluice.v1.ChatRequest',
    'sluice.v1.ChatRequest.generation',
    'sluice.v1.ErrorReason',
    'sluice.v1.ERROR_REASON_UNSPECIFIED',
    'google.rpc.ErrorInfo',
    'buf.validate.field',
    'google.protobuf.Timestamp',
    'grpc.health.v1.HealthCheckResponse.ServingStatus',
    'grpc.health.v1.HealthCheckResponse.SERVING',
  ])('knows the symbol %s', async (symbol) => {
    const [file] = await askForFiles({ case: 'fileContainingSymbol', value: symbol });
    expect(symbol.startsWith(`${file?.package}.`)).toBe(true);
  });

  it('gives a file by its name, and the validation rules with it', async () => {
    const name = 'sluice/v1/chat_service.proto';
    const files = await askForFiles({ case: 'fileByFilename', value: name });
    expect(files[0]?.name).toBe(name);
    expect(files.map((file) => file.name)).toContain('buf/validate/validate.proto');
  });

  it('knows extensions', async () => {
    const options = 'google.protobuf.FieldOptions';
    const [numbers] = await ask({ case: 'allExtensionNumbersOfType', value: options });
    if (numbers?.case !== 'allExtensionNumbersResponse') throw new Error('no numbers');
    expect(numbers.value).toMatchObject({ baseTypeName: options, extensionNumber: [1159] });
    const extension = { containingType: options, extensionNumber: 1159 };
    const [file] = await askForFiles({ case: 'fileContainingExtension', value: extension });
    expect(file?.name).toBe('buf/validate/validate.proto');
  });

  it('says what it does not know, and answers what comes after', async () => {
    const answers = await ask(
      { case: 'fileByFilename', value: 'no.proto' },
      { case: 'fileContainingSymbol', value: 'no.Symbol' },
      { case: 'fileContainingExtension', value: { containingType: 'sluice.v1.ChatRequest', extensionNumber: 7 } },
      { case: 'allExtensionNumbersOfType', value: 'no.Message' },
      { case: undefined },
      { case: 'listServices', value: '' },
    );
    const codes = answers.map((one) => (one.case === 'errorResponse' ? one.value.errorCode : one.case));
    const { NotFound, InvalidArgument } = Code;
    expect(codes).toEqual([NotFound, NotFound, NotFound, NotFound, InvalidArgument, 'listServicesResponse']);
  });
});

const run = promisify(execFile);
const found = findGrpcurl();
const grpcurl = process.env.SLUICE_TEST_GRPCURL ?? found.path;

describe('grpcurl, with nothing but the address', () => {
  const call = async (...args: readonly string[]): Promise<string> => {
    if (grpcurl === undefined) throw new Error(found.missing);
    return (await run(grpcurl, ['-plaintext', ...args])).stdout;
  };
  const reason = grpcurl === undefined ? ` (skipped: ${found.missing})` : '';

  it.skipIf(reason !== '')(`lists and describes${reason}`, async () => {
    const { port } = await startGateway();
    const address = `127.0.0.1:${port}`;
    expect((await call(address, 'list')).trim().split('\n')).toEqual(SERVICES);
    expect(await call(address, 'describe', 'sluice.v1.ChatService')).toContain('rpc StreamChat');
    expect(await call(address, 'describe', 'sluice.v1.ChatRequest')).toContain('.sluice.v1.Generation generation');
  });

  it.skipIf(reason !== '')(`calls${reason}`, async () => {
    const { port } = await startGateway();
    const address = `127.0.0.1:${port}`;
    expect(JSON.parse(await call(address, 'grpc.health.v1.Health/Check'))).toEqual({ status: 'SERVING' });
    const message = { role: 'ROLE_USER', parts: [{ text: { text: 'Hello' } }] };
    const body = JSON.stringify({ generation: { model: 'sim/simulated-chat', messages: [message] } });
    const key = ['-H', `authorization: Bearer ${TEST_KEY}`];
    expect(await call(...key, '-d', body, address, 'sluice.v1.ChatService/StreamChat')).toContain('"finish"');
  });
});
