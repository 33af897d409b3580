/** What is known of one error code beside its name. */
export interface ErrorEntry {
  /** HTTP status of the API's answer. */
  readonly status: number;
  readonly retryable: boolean;
  /** One sentence: what happened. */
  readonly title: string;
  /** One sentence: what a person should do next. */
  readonly next: string;
}

export const entry = (status: number, retryable: boolean, title: string, next: string): ErrorEntry => ({
  status,
  retryable,
  title,
  next,
});
