import { Client, credentials } from '@grpc/grpc-js';

const bytes = (message: Buffer): Buffer => message;

/** True when the Milvus at `host:port` answers GetVersion: its gRPC server is up and serves. */
export function answersVersion(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure());
  return new Promise<boolean>((settle, reject) => {
    const method = '/milvus.proto.milvus.MilvusService/GetVersion';
    const noFields = Buffer.alloc(0);
    const options = { deadline: Date.now() + 2000 };
    client.makeUnaryRequest(method, bytes, bytes, noFields, options, (error, answer) => {
      if (error === null) settle(answer !== undefined && answer.length > 0);
      else reject(error);
    });
  }).finally(() => {
    client.close();
  });
}
