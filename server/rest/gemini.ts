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

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
type ModelRequest = FastifyRequest<{ Params: { '*': string } }>;

/** SDKs of different languages and ages ask for different ones; they differ in nothing that is offered here. */
const VERSIONS = ['v1', 'v1beta'] as const;

/** Google's Gemini API, as far as Sluice offers it: https://ai.google.dev/api */
export function geminiApi(deps: ApiDeps): FastifyPluginCallback {
  const { encodeError } = geminiDoor;
  return apiPlugin(deps, encodeError, (app) => {
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
    ['generateContent', chatRoute(deps, geminiDoor, modelOf)],
    ['streamGenerateContent', chatRoute(deps, geminiDoor, streamOf)],
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

/** Without alt=sse the API streams one JSON array, which no SDK asks for. */
function streamOf(request: FastifyRequest): Pick<RequestEnvelope, 'model' | 'stream'> {
  const { alt } = request.query as Readonly<Record<string, unknown>>;
  if (alt === 'sse') return { ...modelOf(request), stream: true };
  throw new SluiceError('INVALID_REQUEST', 'Streams are server-sent events here: ask with ?alt=sse.', { param: 'alt' });
}

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
