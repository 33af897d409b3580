export * from './events.ts';
export { beatHeart } from './channels/heartbeat.ts';
export * from './port.ts';
export { CHANNELS, createChannels } from './registry.ts';
export { render } from './render.ts';
export type { ChannelOptions } from './channels/factory.ts';
