import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { execute } from '../shared/operations/execute';
import { propertiesOf } from '../shared/operations/operation';
import { resources } from './actions';
import { listSearch, testKinktreeApi } from './methods';
import { kinktree } from './service';

export class Kinktree implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kinktree',
		name: 'kinktree',
		icon: { light: 'file:../../icons/kinktree.svg', dark: 'file:../../icons/kinktree.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Manage the partner tags of your Kinktree namespace and their activation codes',
		builderHint: {
			searchHint:
				"Use for Kinktree partner tags. 'Create or Update' makes no second tag when it runs again. 'Update' voids the old activation code.",
		},
		defaults: { name: 'Kinktree' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'kinktreeApi', required: true, testedBy: 'testKinktreeApi' }],
		hints: [
			{
				message:
					'Update replaces the activation code. Printed or sent copies of the old code stop working.',
				displayCondition: '={{ $parameter["operation"] === "update" }}',
				whenToDisplay: 'beforeExecution',
				location: 'outputPane',
			},
		],
		properties: propertiesOf(resources, 'tag'),
	};

	methods = {
		credentialTest: { testKinktreeApi },
		listSearch,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this, kinktree, resources);
	}
}
