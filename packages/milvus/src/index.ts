export { createMilvusClient } from './client.ts';
export * from './port.ts';
export { isPageTooLarge, PageTooLarge } from './transport/errors.ts';
