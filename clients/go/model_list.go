package sluice

import (
	"context"
	"iter"

	sluicev1 "github.com/sluice-ai/sluice/clients/go/gen/sluice/v1"
)

// ListModels lists the models that the key may use, routes first. Each reading asks anew, page by page as it goes on.
// An error ends it. Timeout and retries count for each page.
func (c *Client) ListModels(ctx context.Context) iter.Seq2[*sluicev1.Model, error] {
	return func(yield func(*sluicev1.Model, error) bool) {
		for page, err := range c.ListModelPages(ctx, 0) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, model := range page.GetModels() {
				if !yield(model, nil) {
					return
				}
			}
		}
	}
}

// ListModelPages lists the same by pages of so many models, at most 250. 0: 50.
func (c *Client) ListModelPages(ctx context.Context, pageSize uint32) iter.Seq2[*sluicev1.ListModelsResponse, error] {
	list := method[sluicev1.ListModelsRequest, sluicev1.ListModelsResponse]{c.models.ListModels, true}
	return func(yield func(*sluicev1.ListModelsResponse, error) bool) {
		request := &sluicev1.ListModelsRequest{PageSize: pageSize}
		for {
			page, err := unary(ctx, c, list, request)
			if !yield(page, err) || err != nil || page.GetNextPageToken() == "" {
				return
			}
			request = &sluicev1.ListModelsRequest{PageSize: pageSize, PageToken: page.GetNextPageToken()}
		}
	}
}
