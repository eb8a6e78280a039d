import type { ListModelsResponse, Model } from './gen/sluice/v1/model_service_pb.ts';

/** All models that the key may use. Each reading asks anew, page by page as it goes on. */
export interface ModelList extends AsyncIterable<Model> {
  /** The same by pages. */
  pages(): AsyncIterable<ListModelsResponse>;
}

/** A list over a function that gets the page with a token, '' for the first. */
export function modelList(getPage: (pageToken: string) => Promise<ListModelsResponse>): ModelList {
  async function* pages(): AsyncGenerator<ListModelsResponse> {
    let pageToken = '';
    do {
      const page = await getPage(pageToken);
      yield page;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const page of pages()) yield* page.models;
    },
  };
}
