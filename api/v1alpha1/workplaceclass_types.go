// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// WorkplaceClass is a kind of workplace on offer: its desktop, its home and its
// price.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,path=workplaceclasses,singular=workplaceclass,shortName=wpc,categories=werkplek
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Image",type=string,JSONPath=`.spec.desktop.image`
// +kubebuilder:printcolumn:name="Home",type=string,JSONPath=`.spec.home.size`
// +kubebuilder:printcolumn:name="Price",type=string,JSONPath=`.spec.price.amount`
// +kubebuilder:printcolumn:name="Currency",type=string,JSONPath=`.spec.price.currency`
// +kubebuilder:printcolumn:name="Workplaces",type=integer,JSONPath=`.status.workplaces`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Use instead",type=string,JSONPath=`.spec.deprecated.useInstead`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="metadata.name must be at most 63 characters: pods are labelled with it",fieldPath=".metadata"
type WorkplaceClass struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec describes the workplaces of this class.
	// +required
	Spec WorkplaceClassSpec `json:"spec"`
	// Status says how many workplaces use the class. Written by the operator.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status WorkplaceClassStatus `json:"status,omitzero"`
}

// WorkplaceClassList is a list of WorkplaceClasses.
//
// +kubebuilder:object:root=true
type WorkplaceClassList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []WorkplaceClass `json:"items"`
}

// WorkplaceClassSpec describes the workplaces of a class.
type WorkplaceClassSpec struct {
	// DisplayName of the class, for people.
	// +optional
	// +kubebuilder:validation:MaxLength=200
	DisplayName string `json:"displayName,omitempty"`

	// Price of one workplace.
	// +optional
	Price *ClassPrice `json:"price,omitempty"`

	// Licenses that every workplace of this class needs.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=50
	Licenses []LicenseName `json:"licenses,omitempty"`

	// Desktop is the program that the user sees.
	// +required
	Desktop DesktopSpec `json:"desktop"`

	// Home is the user's storage. It outlives the desktop.
	// +required
	Home HomeSpec `json:"home"`

	// Idle says when a desktop that nobody uses stops.
	// +optional
	Idle *IdleSpec `json:"idle,omitempty"`

	// Backup says how often homes are backed up, and how many backups are kept
	// (LS-8). Absent: never.
	// +optional
	Backup *BackupSpec `json:"backup,omitempty"`

	// Deprecated is set on a class that should get no new workplaces.
	// +optional
	Deprecated *Deprecation `json:"deprecated,omitempty"`
}

// BackupSpec says how homes are backed up, as snapshots of their volumes.
type BackupSpec struct {
	// Every such period a home is backed up.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	Every Period `json:"every"`

	// Keep so many backups of each home; older ones are removed.
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Keep int32 `json:"keep"`

	// SnapshotClassName of the cluster. Absent: its default for the volume.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	SnapshotClassName string `json:"snapshotClassName,omitempty"`
}

// ClassPrice is the price of one workplace per period.
type ClassPrice struct {
	// Amount per period.
	// +required
	Amount Price `json:"amount"`
	// Currency of the amount.
	// +required
	Currency Currency `json:"currency"`
	// Per is the period that the amount covers.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	Per Period `json:"per"`

	// Changes of the amount, by the date from which they hold. During an
	// agreement prices change only when its terms let them (TD-13, TD-15).
	// +optional
	// +listType=map
	// +listMapKey=from
	// +kubebuilder:validation:MaxItems=100
	Changes []PriceChange `json:"changes,omitempty"`
}

// PriceChange is another amount from a date on.
type PriceChange struct {
	// From is the first day on which the amount holds.
	// +required
	From Date `json:"from"`
	// Amount per period from then on.
	// +required
	Amount Price `json:"amount"`
}

// DesktopProtocol is how the desktop is reached.
//
// +kubebuilder:validation:Enum=HTTP;HTTPS
type DesktopProtocol string

// The desktop protocols.
const (
	ProtocolHTTP  DesktopProtocol = "HTTP"
	ProtocolHTTPS DesktopProtocol = "HTTPS"
)

// DesktopSpec describes the container that serves the desktop to a browser.
type DesktopSpec struct {
	// Image of the container.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	Image string `json:"image"`

	// Port on which the desktop is served.
	// +optional
	// +kubebuilder:default=6080
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port,omitempty"`

	// Protocol spoken on that port.
	// +optional
	// +kubebuilder:default=HTTP
	Protocol DesktopProtocol `json:"protocol,omitempty"`

	// Path at which the desktop's page is found.
	// +optional
	// +kubebuilder:default="/"
	// +kubebuilder:validation:Pattern=`^/`
	// +kubebuilder:validation:MaxLength=500
	Path string `json:"path,omitempty"`

	// BasicAuth is what the access gateway presents to a desktop that demands it.
	// +optional
	BasicAuth *DesktopBasicAuth `json:"basicAuth,omitempty"`

	// LookAlong is how a support agent's browser is given the same screen, where
	// that differs (TD-24). Absent: the same path with view_only=true, which noVNC
	// and its kin understand.
	// +optional
	LookAlong *DesktopLookAlong `json:"lookAlong,omitempty"`

	// Env are further environment variables of the container.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	Env []DesktopEnv `json:"env,omitempty"`

	// SharedMemory is the size of /dev/shm. Browsers need more than the default of 64Mi.
	// +optional
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) >= 0",message="must not be negative"
	SharedMemory *resource.Quantity `json:"sharedMemory,omitempty"`

	// Resources that the container requests and may use at most.
	// +optional
	Resources DesktopResources `json:"resources,omitzero"`

	// Readiness says how to see that the desktop can be opened.
	// +optional
	Readiness *DesktopReadiness `json:"readiness,omitempty"`

	// SecurityContext of the pod. The default meets the restricted Pod Security level.
	// +optional
	SecurityContext *DesktopSecurity `json:"securityContext,omitempty"`

	// NodeSelector restricts the nodes that may run the desktop.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// Tolerations let the desktop run on tainted nodes.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// RuntimeClassName selects a container runtime, such as one with stronger isolation.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	RuntimeClassName string `json:"runtimeClassName,omitempty"`

	// ImagePullSecrets name Secrets in the tenant's namespace.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	ImagePullSecrets []ObjectName `json:"imagePullSecrets,omitempty"`
}

// DesktopLookAlong is how a spectator sees a desktop.
type DesktopLookAlong struct {
	// Path at which a spectator's page is found, such as /#shared.
	// +optional
	// +kubebuilder:validation:Pattern=`^/`
	// +kubebuilder:validation:MaxLength=500
	Path string `json:"path,omitempty"`

	// BasicAuth is presented for spectators instead of the user's, by images that
	// have an account which can only watch.
	// +optional
	BasicAuth *DesktopBasicAuth `json:"basicAuth,omitempty"`
}

// DesktopBasicAuth is the HTTP basic authentication that some images insist on.
// It is no secret: what keeps others away from a desktop is the network policy,
// and who may come in the access gateway decides.
type DesktopBasicAuth struct {
	// Username that the image expects.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule="!self.contains(':')",message="must not contain a colon"
	Username string `json:"username"`
	// Password that the image was given, mostly with env.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	Password string `json:"password"`
}

// DesktopEnv is an environment variable of the desktop.
type DesktopEnv struct {
	// Name of the variable.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="!self.contains('=')",message="must not contain an equals sign"
	Name string `json:"name"`
	// Value of the variable.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Value string `json:"value,omitempty"`
}

// DesktopResources are what a desktop requests and may use at most.
type DesktopResources struct {
	// Requests are set aside for the desktop.
	// +optional
	Requests corev1.ResourceList `json:"requests,omitempty"`
	// Limits are what it may use at most.
	// +optional
	Limits corev1.ResourceList `json:"limits,omitempty"`
}

// DesktopReadiness says how to see that the desktop can be opened.
type DesktopReadiness struct {
	// Path that answers with success once the desktop can be opened.
	// +optional
	// +kubebuilder:default="/"
	// +kubebuilder:validation:Pattern=`^/`
	// +kubebuilder:validation:MaxLength=500
	Path string `json:"path,omitempty"`
}

// PodSecurityLevel is a Pod Security level, as namespaces enforce it.
//
// +kubebuilder:validation:Enum=Restricted;Baseline;Privileged
type PodSecurityLevel string

// The Pod Security levels, strictest first.
const (
	LevelRestricted PodSecurityLevel = "Restricted"
	LevelBaseline   PodSecurityLevel = "Baseline"
	LevelPrivileged PodSecurityLevel = "Privileged"
)

// DesktopSecurity says as whom and how confined the desktop runs.
//
// +kubebuilder:validation:XValidation:rule="!has(self.runAsUser) || self.runAsUser != 0 || (has(self.level) && self.level != 'Restricted')",message="runAsUser 0 needs level Baseline or Privileged",fieldPath=".runAsUser"
type DesktopSecurity struct {
	// Level of Pod Security that the desktop meets. The namespaces of tenants
	// that use the class enforce it.
	// +optional
	// +kubebuilder:default=Restricted
	Level PodSecurityLevel `json:"level,omitempty"`
	// RunAsUser is the numeric user id of the desktop's processes.
	// +optional
	// +kubebuilder:validation:Minimum=0
	RunAsUser *int64 `json:"runAsUser,omitempty"`
	// RunAsGroup is the numeric group id of the desktop's processes.
	// +optional
	// +kubebuilder:validation:Minimum=0
	RunAsGroup *int64 `json:"runAsGroup,omitempty"`
	// FSGroup is the numeric group id that owns the home.
	// +optional
	// +kubebuilder:validation:Minimum=0
	FSGroup *int64 `json:"fsGroup,omitempty"`
}

// HomeSpec describes the user's storage.
type HomeSpec struct {
	// Size of a new home.
	// +required
	// +kubebuilder:validation:XValidation:rule="quantity(string(self)).compareTo(quantity('0')) > 0",message="must be more than zero"
	Size resource.Quantity `json:"size"`

	// StorageClassName of new homes. Empty: the cluster's default.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	StorageClassName string `json:"storageClassName,omitempty"`

	// MountPath at which the desktop sees the home.
	// +optional
	// +kubebuilder:default=/home/user
	// +kubebuilder:validation:Pattern=`^/.+`
	// +kubebuilder:validation:MaxLength=500
	MountPath string `json:"mountPath,omitempty"`
}

// IdleSpec says when a desktop that nobody uses stops.
type IdleSpec struct {
	// StopAfter nobody has been connected for this long.
	// +required
	// +kubebuilder:validation:XValidation:rule="self.startsWith('PT')",message="must be a clock period, such as PT2H"
	// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="must be longer than nothing"
	StopAfter Period `json:"stopAfter"`
}

// Deprecation says what to use instead of a class.
type Deprecation struct {
	// Message for engineers and contacts.
	// +optional
	// +kubebuilder:validation:MaxLength=500
	Message string `json:"message,omitempty"`
	// UseInstead names another WorkplaceClass.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	UseInstead string `json:"useInstead,omitempty"`
}

// WorkplaceClassStatus says how many workplaces use a class.
type WorkplaceClassStatus struct {
	// ObservedGeneration is the generation that the conditions speak of; -1 until the
	// operator has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Workplaces of this class that exist.
	// +optional
	Workplaces int32 `json:"workplaces"`

	// Conditions: Ready.
	// +optional
	Conditions Conditions `json:"conditions,omitempty"`
}
