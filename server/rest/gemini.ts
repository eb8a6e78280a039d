import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestEnvelope } from '../dialects/dialect.ts';
import { geminiBatchEmbedDoor, geminiDoor, geminiEmbedDoor } from '../dialects/gemini/index.ts';
import { SluiceError } from '../errors/sluice-error.ts';
import { getModel, listModels } from '../pipeline/list-models.ts';
import { type ApiDeps, apiPlugin } from './api-plugin.ts';
import { chatRoute } from './chat-route.ts';
import { countTokensRoute } from './count-tokens-route.ts';
import { embeddingsRoute } from './embeddings-route.ts';
import { googleList, googleModel } from './gemini-models.ts';
import { restCaller } from './rest-call.ts';
import { sendError } from './send-error.ts';
import { googleArray, googleEvents, type StreamFraming } from './stream-framing.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
type ModelRequest = FastifyRequest<{ Params: { '*': string } }>;

/** SDKs of different languages and ages ask for different ones; they differ in nothing that is offered here. */
const VERSIONS = ['v1', 'v1beta'] as const;

/** Google's Gemini API, as far as Sluice offers it: https://ai.google.dev/api */
export function geminiApi(deps: ApiDeps): FastifyPluginCallback {
  const { encodeError } = geminiDoor;
  return apiPlugin(deps, (app) => {
    const methods = methodHandlers(deps);
    const callMethod = async (request: ModelRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const handler = methods.get(addressOf(request).method);
      if (handler !== undefined) return handler(request, reply);
      const error = new SluiceError('UNKNOWN_ENDPOINT', 'Models have no such method here.');
      return sendError(reply, error, { logger: deps.logger, encodeError });
    };
    for (const version of VERSIONS) app.post(`/${version}/models/*`, callMethod);
    addModelRoutes(app, deps);
  });
}

function methodHandlers(deps: ApiDeps): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ['generateContent', chatRoute(deps, geminiDoor, { read: modelOf })],
    ['streamGenerateContent', chatRoute(deps, geminiDoor, { read: streamOf, framing: framingOf })],
    ['countTokens', countTokensRoute(deps, geminiDoor, modelOf)],
    ['embedContent', embeddingsRoute(deps, geminiEmbedDoor, modelOf)],
    ['batchEmbedContents', embeddingsRoute(deps, geminiBatchEmbedDoor, modelOf)],
  ]);
}

/** What follows models/ in a path: the method after the last colon, because names of models may hold colons too. */
function addressOf(request: FastifyRequest): { readonly model: string; readonly method: string } {
  const { '*': rest } = request.params as ModelRequest['params'];
  const colon = rest.lastIndexOf(':');
  return colon < 0 ? { model: rest, method: '' } : { model: rest.slice(0, colon), method: rest.slice(colon + 1) };
}

function modelOf(request: FastifyRequest): Pick<RequestEnvelope, 'model'> {
  return { model: addressOf(request).model };
}

function streamOf(request: FastifyRequest): Pick<RequestEnvelope, 'model' | 'stream'> {
  return { ...modelOf(request), stream: true };
}

/** All SDKs ask for ?alt=sse; the API's own default is one JSON array. */
function framingOf({ query }: FastifyRequest): StreamFraming {
  const { alt = 'json' } = query as Readonly<Record<string, unknown>>;
  const framing = FRAMINGS.get(alt);
  if (framing !== undefined) return framing;
  throw new SluiceError('INVALID_REQUEST', 'Streams are written as json or sse here.', { param: 'alt' });
}

const FRAMINGS: ReadonlyMap<unknown, StreamFraming> = new Map([
  ['json', googleArray],
  ['sse', googleEvents],
]);

/** Below /v1 they are those of OpenAI's API, which tells its callers apart. */
function addModelRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { encodeError } = geminiDoor;
  const answer = (reply: FastifyReply, body: () => object): FastifyReply => {
    try {
      return reply.send(body());
    } catch (thrown) {
      return sendError(reply, thrown, { logger: deps.logger, encodeError });
    }
  };
  app.get('/v1beta/models', async (request, reply) =>
    answer(reply, () => googleList(listModels(deps, restCaller(request)))),
  );
  app.get('/v1beta/models/*', async (request: ModelRequest, reply) =>
    answer(reply, () => googleModel(getModel(deps, restCaller(request), request.params['*']))),
  );
}
