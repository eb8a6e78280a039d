export { withoutMember } from '../without-member.ts';
