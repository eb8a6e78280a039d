import type { ProviderPreset } from './preset.ts';

type Row = Pick<ProviderPreset, 'name' | 'displayName' | 'authScheme' | 'dialect' | 'docs'> & Partial<ProviderPreset>;

const cloud = (row: Row): ProviderPreset => ({
  baseUrl: '',
  envVars: [],
  embeddingDialect: undefined,
  allowPrivateAddress: false,
  quirks: {},
  models: [],
  ...row,
});

/** Clouds that sell models: each customer has an address of its own there, or a region, and credentials that are made. */
export const CLOUD_PRESETS: readonly ProviderPreset[] = [
  cloud({
    name: 'azure',
    displayName: 'Azure OpenAI',
    baseUrlForm: 'https://<resource>.openai.azure.com',
    envVars: ['AZURE_OPENAI_API_KEY'],
    authScheme: 'api-key',
    dialect: 'openai-chat',
    embeddingDialect: 'openai-embeddings',
    // Without a version: the API that is called v1. With one: that of deployments, whose names are the models.
    quirks: {
      toolCallIds: 'at-most-40',
      paths: {
        chat: '/openai/v1/chat/completions',
        responses: '/openai/v1/responses',
        completions: '/openai/v1/completions',
        embeddings: '/openai/v1/embeddings',
      },
    },
    versionedPaths: {
      chat: '/openai/deployments/{model}/chat/completions?api-version={api_version}',
      responses: '/openai/responses?api-version={api_version}',
      completions: '/openai/deployments/{model}/completions?api-version={api_version}',
      embeddings: '/openai/deployments/{model}/embeddings?api-version={api_version}',
    },
    docs: 'https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle',
  }),
  cloud({
    name: 'bedrock',
    displayName: 'Amazon Bedrock',
    baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
    authScheme: 'aws-sigv4',
    dialect: 'bedrock-converse',
    docs: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html',
  }),
  cloud({
    name: 'vertex',
    displayName: 'Google Vertex AI',
    baseUrlForm:
      'https://<location>-aiplatform.googleapis.com/v1/projects/<project>/locations/<location>/publishers/google',
    authScheme: 'google-service-account',
    dialect: 'gemini',
    quirks: { paths: { countTokens: '/models/{model}:countTokens' } },
    docs: 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference',
  }),
  cloud({
    name: 'vertex-anthropic',
    displayName: 'Claude on Google Vertex AI',
    baseUrlForm:
      'https://<location>-aiplatform.googleapis.com/v1/projects/<project>/locations/<location>/publishers/anthropic',
    authScheme: 'google-service-account',
    dialect: 'anthropic-messages',
    quirks: {
      paths: {
        chat: '/models/{model}:rawPredict',
        chatStream: '/models/{model}:streamRawPredict',
        countTokens: '/models/count-tokens:rawPredict',
      },
      modelInPath: true,
      defaultFields: { anthropic_version: 'vertex-2023-10-16' },
    },
    docs: 'https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude',
  }),
];
