/** A store that speaks S3, on loopback. */
export interface S3Server {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface S3ServerOptions {
  /** Holds its data and its log. */
  readonly folder: string;
  readonly port: number;
  readonly say: (line: string) => void;
}
