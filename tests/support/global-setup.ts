import type { TestProject } from 'vitest/node';

export default function setup(project: TestProject): void {
  const from = (name: string): string => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`expected ${name}, got nothing`);
    return value;
  };
  project.provide('servers', {
    milvus: from('MILVAULT_TEST_MILVUS'),
    lite: from('MILVAULT_TEST_LITE'),
    redis: from('MILVAULT_TEST_REDIS'),
    python: from('MILVAULT_TEST_PYTHON'),
  });
}
