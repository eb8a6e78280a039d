// Streams an answer: SLUICE_URL=http://127.0.0.1:8080 SLUICE_API_KEY=sk-sluice-… node examples/chat.ts MODEL [PROMPT]
// The text goes to standard output, the gateway's Decision as JSON to standard error. An application imports the
// package by its name, '@sluice/client'.
import { toJsonString } from '@bufbuild/protobuf';
import { createSluiceClient, DecisionSchema, SluiceError } from '../src/index.ts';

async function main(): Promise<void> {
  const { SLUICE_URL: baseUrl, SLUICE_API_KEY: apiKey } = process.env;
  const [model, prompt = 'Say hello in five languages.'] = process.argv.slice(2);
  if (baseUrl === undefined || apiKey === undefined || model === undefined) {
    throw new Error('Set SLUICE_URL and SLUICE_API_KEY, and give a model name as the first argument.');
  }
  const client = createSluiceClient({ baseUrl, apiKey, metadata: { application: 'chat-example' } });
  const stream = client.streamChat({ model, messages: prompt });
  for await (const text of stream.textStream()) process.stdout.write(text);
  process.stdout.write('\n');
  if (stream.decision !== undefined) console.error(toJsonString(DecisionSchema, stream.decision));
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  if (error instanceof SluiceError) console.error(`${error.reason}: ${error.message}`);
  else console.error(error instanceof Error ? error.message : error);
}
