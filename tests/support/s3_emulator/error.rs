//! AWS's error codes with their statuses: "List of Amazon S3 Access Grants error codes" of the API reference.

/// An error, as AWS answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What an operation answers: the body's XML, or an error.
pub(crate) type Answer<T> = Result<T, Refusal>;

macro_rules! codes {
    ($($name:ident = $status:literal $code:literal $message:literal;)*) => {
        $(pub(crate) fn $name() -> Refusal {
            Refusal { status: $status, code: $code, message: $message.to_owned() }
        })*
    };
}

codes! {
    grant_exists = 409 "AccessGrantAlreadyExists" "The specified access grant already exists";
    no_grant = 404 "NoSuchAccessGrantError" "The specified access grant does not exist";
    instance_exists = 409 "AccessGrantsInstanceAlreadyExists" "Access Grants Instance already exists";
    instance_not_empty = 400 "AccessGrantsInstanceNotEmptyError" "Clean up your locations and grants before deleting the instance";
    no_instance = 404 "AccessGrantsInstanceNotExistsError" "Access Grants Instance does not exist";
    location_exists = 409 "AccessGrantsLocationAlreadyExistsError" "The location scope is already registered";
    location_not_empty = 400 "AccessGrantsLocationNotEmptyError" "Please clean up your grants before deleting the location";
    no_location = 404 "NoSuchAccessGrantsLocationError" "The specified access grants location does not exist";
    invalid_role = 400 "InvalidIamRole" "The specified IAM Role is invalid";
    invalid_tags = 400 "InvalidTags" "Tag keys cannot start with AWS reserved prefix for system tags";
    too_many_tags = 400 "TooManyTags" "The number of tags exceeds the limit of 50";
    no_method = 405 "MethodNotAllowed" "The specified method is not allowed against this resource";
    slow_down = 503 "SlowDown" "Please reduce your request rate";
    internal = 500 "InternalError" "We encountered an internal error. Please try again";
    unknown_key = 403 "InvalidAccessKeyId" "The AWS access key ID that you provided does not exist in our records";
}

/// More grants than the quota.
pub(crate) fn grants_quota(quota: usize) -> Refusal {
    let message = format!(
        "The access grants quota has been exceeded. Access Grants Quota: {quota}. Please reach out to S3 if an increase is required."
    );
    Refusal { status: 409, code: "AccessGrantsQuotaExceededError", message }
}

/// More locations than the quota.
pub(crate) fn locations_quota(quota: usize) -> Refusal {
    let message = format!("The access grants locations quota has been exceeded. Locations Quota: {quota}.");
    Refusal { status: 409, code: "AccessGrantsLocationsQuotaExceededError", message }
}

/// A parameter that cannot be.
pub(crate) fn invalid_request(message: impl Into<String>) -> Refusal {
    Refusal { status: 400, code: "InvalidRequest", message: message.into() }
}

/// A grant that cannot be.
pub(crate) fn invalid_grant(message: impl Into<String>) -> Refusal {
    Refusal { status: 400, code: "InvalidAccessGrant", message: message.into() }
}

/// A location that cannot be.
pub(crate) fn invalid_location(message: impl Into<String>) -> Refusal {
    Refusal { status: 400, code: "InvalidAccessGrantsLocation", message: message.into() }
}

/// No grant matches.
pub(crate) fn access_denied(permission: &str, target: &str) -> Refusal {
    let message = format!("You do not have {permission} permissions to the requested S3 Prefix: {target}");
    Refusal { status: 403, code: "AccessDenied", message }
}
